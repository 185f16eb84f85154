import { ACK_EVERY_BYTES, OUTPUT_WINDOW_BYTES } from '../limits.ts';

/** Bounds of a window. The upper one fills 10 MB/s at a round trip of 200 ms. */
export const MIN_WINDOW_BYTES = 256 * 1024;
export const MAX_WINDOW_BYTES = 2 * 1024 * 1024;
/** A round trip is measured only with so much on its way: less is acknowledged when its time has come, not at once. */
const SAMPLE_BYTES = ACK_EVERY_BYTES;
/** What a slow reader may have waiting, which Ctrl-C has to wait for. */
const NEAR_MS = 50;
/** More than what is on its way in a round trip, so that the window never is what bounds a far reader. */
const FAR_FACTOR = 1.25;

/**
 * How much output one reader may have unacknowledged, by its round trip and its speed: enough to keep a far line full,
 * no more than 50 ms of it for a slow reader. It starts with {@link OUTPUT_WINDOW_BYTES}, and only acknowledgements
 * change it, so one that never acknowledges never gets more. A pure decision: the owner passes the clock in.
 */
export class ViewerWindow {
  #bytes = OUTPUT_WINDOW_BYTES;
  #roundTripMs = Infinity;
  #bytesPerMs = 0;
  /** The measurement under way: the offset whose acknowledgement ends it; -1: none. */
  #until = -1;
  #startedAtMs = 0;
  #startedAcked = 0;

  /** The window now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Shortest round trip seen, in milliseconds; infinite while none was. */
  get roundTripMs(): number {
    return this.#roundTripMs;
  }

  /** Whether {@link start} is to be called with so much unacknowledged. */
  wants(unackedBytes: number): boolean {
    return this.#until === -1 && unackedBytes >= SAMPLE_BYTES;
  }

  /** Everything before `sent` went out now, of which everything before `acked` was acknowledged. */
  start(sent: number, acked: number, nowMs: number): void {
    this.#until = sent;
    this.#startedAtMs = nowMs;
    this.#startedAcked = acked;
  }

  /** Everything before `offset` was acknowledged. */
  acked(offset: number, nowMs: number): void {
    if (this.#until === -1 || offset < this.#until) return;
    const elapsedMs = Math.max(1, nowMs - this.#startedAtMs);
    const bytesPerMs = (offset - this.#startedAcked) / elapsedMs;
    this.#until = -1;
    this.#roundTripMs = Math.min(this.#roundTripMs, elapsedMs);
    // The most it managed counts, and fades when it no longer does.
    this.#bytesPerMs = Math.max(bytesPerMs, this.#bytesPerMs + (bytesPerMs - this.#bytesPerMs) / 8);
    const near = Math.min(OUTPUT_WINDOW_BYTES, Math.max(MIN_WINDOW_BYTES, this.#bytesPerMs * NEAR_MS));
    // Half a step of acknowledgements is consumed and not told of, on average.
    const far = this.#bytesPerMs * this.#roundTripMs * FAR_FACTOR + ACK_EVERY_BYTES / 2;
    const wanted = Math.min(MAX_WINDOW_BYTES, Math.max(near, far));
    this.#bytes = Math.round(Math.max(wanted, this.#bytes - this.#bytes / 8));
  }

  /** What is on its way was replaced by a screen. */
  skipped(): void {
    this.#until = -1;
  }
}
