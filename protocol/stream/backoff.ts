import { RECONNECT_JITTER, RECONNECT_MAX_MS, RECONNECT_MIN_MS } from '../limits.ts';

/**
 * The reconnect schedule: at once, then doubling from `minMs` to `maxMs`, each spread by `jitter` (a share) to both
 * sides, so that a crowd does not come back in step. Pure: randomness is passed in.
 */
export class Backoff {
  readonly #random: () => number;
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #jitter: number;
  #attempt = 0;

  /** `random` answers in [0, 1), like Math.random. */
  constructor(random: () => number, limits: { minMs?: number; maxMs?: number; jitter?: number } = {}) {
    this.#random = random;
    this.#minMs = limits.minMs ?? RECONNECT_MIN_MS;
    this.#maxMs = limits.maxMs ?? RECONNECT_MAX_MS;
    this.#jitter = limits.jitter ?? RECONNECT_JITTER;
  }

  /** Attempts since the last {@link reset}. */
  get attempt(): number {
    return this.#attempt;
  }

  /** Milliseconds to wait before the next attempt; 0 for the first. */
  next(): number {
    const attempt = this.#attempt++;
    if (attempt === 0) return 0;
    const baseMs = Math.min(this.#maxMs, this.#minMs * 2 ** Math.min(attempt - 1, 30));
    return Math.round(baseMs * (1 + this.#jitter * (2 * this.#random() - 1)));
  }

  /** Skips the immediate attempt: the peer asked us to slow down. */
  slowDown(): void {
    this.#attempt = Math.max(this.#attempt, 1);
  }

  /** The connection held: the next attempt is immediate again. */
  reset(): void {
    this.#attempt = 0;
  }
}
