/** Chunks on their way whose time is taken; more are sent untimed. */
const MAX_TIMED = 64;
/** Shares of a new sample in the smoothed time and in its variation (RFC 6298). */
const ALPHA = 1 / 8;
const BETA = 1 / 4;

/** Estimates the time from sending input to learning that it was applied, as RFC 6298 does for TCP. */
export class RoundTrip {
  #smoothedMs: number | null = null;
  #variationMs = 0;
  /** Whether the estimate stands on real samples. */
  #measured = false;
  readonly #timed: { end: number; sentAtMs: number }[] = [];

  /** Smoothed time; null before anything is known. */
  get smoothedMs(): number | null {
    return this.#smoothedMs;
  }

  /** Smoothed deviation from it. */
  get variationMs(): number {
    return this.#variationMs;
  }

  /** A first guess, from another question and its answer; counts only until input was timed. */
  guess(ms: number): void {
    if (!this.#measured) this.#smoothedMs = ms;
  }

  /** Input up to `end` was sent. */
  sent(end: number, nowMs: number): void {
    if (this.#timed.length < MAX_TIMED) this.#timed.push({ end, sentAtMs: nowMs });
  }

  /** Input up to `offset` was applied. */
  applied(offset: number, nowMs: number): void {
    let sentAtMs: number | null = null;
    for (let head = this.#timed[0]; head !== undefined && head.end <= offset; head = this.#timed[0]) {
      sentAtMs = head.sentAtMs;
      this.#timed.shift();
    }
    if (sentAtMs !== null) this.#sample(nowMs - sentAtMs);
  }

  /** What is on its way may be sent again, and the answer would not say to which (Karn's rule). */
  interrupted(): void {
    this.#timed.length = 0;
  }

  #sample(ms: number): void {
    if (!this.#measured || this.#smoothedMs === null) {
      this.#measured = true;
      this.#smoothedMs = ms;
      this.#variationMs = ms / 2;
      return;
    }
    this.#variationMs += BETA * (Math.abs(ms - this.#smoothedMs) - this.#variationMs);
    this.#smoothedMs += ALPHA * (ms - this.#smoothedMs);
  }
}
