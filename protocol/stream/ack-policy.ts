import { ACK_EVERY_BYTES, ACK_EVERY_MS } from '../limits.ts';

/**
 * When to acknowledge consumed output: every `everyBytes`, and at the latest `everyMs` after the first byte not yet
 * acknowledged. A pure decision: the owner passes the clock in and keeps the timer for {@link deadlineMs}.
 */
export class AckPolicy {
  readonly #everyBytes: number;
  readonly #everyMs: number;
  #acked: number;
  #consumed: number;
  #deadlineMs: number | null = null;

  constructor(offset = 0, limits: { everyBytes?: number; everyMs?: number } = {}) {
    this.#everyBytes = limits.everyBytes ?? ACK_EVERY_BYTES;
    this.#everyMs = limits.everyMs ?? ACK_EVERY_MS;
    this.#acked = offset;
    this.#consumed = offset;
  }

  /** Everything before it has been acknowledged. */
  get acked(): number {
    return this.#acked;
  }

  /** Everything before it has been consumed. */
  get consumed(): number {
    return this.#consumed;
  }

  /** When {@link due} has to be asked again, in the owner's milliseconds; null when nothing is owed. */
  get deadlineMs(): number | null {
    return this.#deadlineMs;
  }

  /** Everything before `offset` was consumed. Out: the offset to acknowledge now, or null. */
  consume(offset: number, nowMs: number): number | null {
    if (offset > this.#consumed) {
      this.#consumed = offset;
      this.#deadlineMs ??= nowMs + this.#everyMs;
    }
    return this.due(nowMs);
  }

  /** The offset to acknowledge now, or null while it may wait. */
  due(nowMs: number): number | null {
    const owed = this.#consumed - this.#acked;
    if (owed <= 0 || this.#deadlineMs === null) return null;
    if (owed < this.#everyBytes && nowMs < this.#deadlineMs) return null;
    return this.flush();
  }

  /** The offset to acknowledge in any case (after a snapshot, before leaving); always marks it acknowledged. */
  flush(): number {
    this.#acked = this.#consumed;
    this.#deadlineMs = null;
    return this.#acked;
  }
}
