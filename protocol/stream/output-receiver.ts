/** What to do with an arrived Output frame. */
export type OutputDecision =
  /** New bytes, the first at absolute `offset`: consume them. */
  | { kind: 'data'; offset: number; bytes: Uint8Array }
  /** Seen before; nothing to do. */
  | { kind: 'duplicate' }
  /** Bytes from `expected` on are missing: drop it, and when `signal` ask for a replay from `expected`. */
  | { kind: 'gap'; expected: number; signal: boolean };

/**
 * The receiving end of a terminal's output: hands on every byte once, in order. Duplicates and overlaps are trimmed
 * by offset; a gap asks for a replay. When to acknowledge is {@link AckPolicy}'s, since only the consumer knows what
 * it consumed.
 */
export class OutputReceiver {
  #offset: number;
  /** Offset of the last frame that was beyond a gap; null while there is none. */
  #gapAt: number | null = null;

  /** Starts with everything before `offset` received. */
  constructor(offset = 0) {
    this.#offset = offset;
  }

  /** Everything before it was received. */
  get offset(): number {
    return this.#offset;
  }

  /** Decides on one frame and, on `data`, moves on. A gap is signalled once until the sender went back. */
  accept(offset: number, payload: Uint8Array): OutputDecision {
    if (offset > this.#offset) {
      const signal = this.#gapAt === null || offset <= this.#gapAt;
      this.#gapAt = offset;
      return { kind: 'gap', expected: this.#offset, signal };
    }
    const end = offset + payload.length;
    if (end <= this.#offset) return { kind: 'duplicate' };
    const decision: OutputDecision = {
      kind: 'data',
      offset: this.#offset,
      bytes: payload.subarray(this.#offset - offset),
    };
    this.#offset = end;
    this.#gapAt = null;
    return decision;
  }

  /** A snapshot stands for everything before `offset`; false (and ignored) when it is older than what we have. */
  snapshot(offset: number): boolean {
    if (offset < this.#offset) return false;
    this.#offset = offset;
    this.#gapAt = null;
    return true;
  }

  /** A new link: the next gap is signalled again. */
  reconnected(): void {
    this.#gapAt = null;
  }
}
