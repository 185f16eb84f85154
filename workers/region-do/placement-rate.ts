import { TokenBucket } from '../shared/token-bucket.ts';
import { MAX_RATED_SESSIONS, PLACEMENT_BURST, PLACEMENTS_PER_S } from './limits.ts';

/**
 * How often each session may ask for a host, so that one that asks without end takes no time from the others. Kept in
 * memory: who asks too often keeps the actor awake.
 */
export class PlacementRate {
  readonly #buckets = new Map<string, TokenBucket>();

  /** False when the session asks more than its share. Beyond MAX_RATED_SESSIONS the one known longest starts anew. */
  take(sessionId: string, nowMs: number): boolean {
    let bucket = this.#buckets.get(sessionId);
    if (bucket === undefined) {
      bucket = new TokenBucket(PLACEMENTS_PER_S, PLACEMENT_BURST, nowMs);
      const oldest = this.#buckets.keys().next();
      if (this.#buckets.size >= MAX_RATED_SESSIONS && oldest.done !== true)
        this.#buckets.delete(oldest.value);
      this.#buckets.set(sessionId, bucket);
    }
    return bucket.take(nowMs);
  }
}
