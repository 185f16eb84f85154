import { OUTPUT_RESUME_BYTES, OUTPUT_WINDOW_BYTES, STALL_GRACE_MS } from '../limits.ts';

/**
 * Whether a producer (a PTY) may run: it pauses a window ahead of the acknowledgements and resumes at half.
 * Paused for `stallGraceMs` without any progress of the acknowledgements it runs free until they caught up, so that
 * nobody can hold a program up for ever. A pure decision: the owner passes the clock in and keeps the timer for
 * {@link deadlineMs}.
 */
export class OutputCredit {
  readonly #windowBytes: number;
  readonly #resumeBytes: number;
  readonly #stallGraceMs: number;
  #produced: number;
  #acked: number;
  #state: 'flowing' | 'paused' | 'free' = 'flowing';
  #progressAtMs = 0;

  constructor(
    offset = 0,
    limits: { windowBytes?: number; resumeBytes?: number; stallGraceMs?: number } = {},
  ) {
    this.#windowBytes = limits.windowBytes ?? OUTPUT_WINDOW_BYTES;
    this.#resumeBytes = limits.resumeBytes ?? OUTPUT_RESUME_BYTES;
    this.#stallGraceMs = limits.stallGraceMs ?? STALL_GRACE_MS;
    this.#produced = offset;
    this.#acked = offset;
  }

  /** True while the producer must not be read. */
  get paused(): boolean {
    return this.#state === 'paused';
  }

  /** True while the producer runs without credit because the acknowledgements stalled. */
  get free(): boolean {
    return this.#state === 'free';
  }

  /** Everything before it was acknowledged. */
  get acked(): number {
    return this.#acked;
  }

  /** Bytes produced and not acknowledged. */
  get outstandingBytes(): number {
    return this.#produced - this.#acked;
  }

  /** When {@link tick} has to be called while paused, in the owner's milliseconds; otherwise null. */
  get deadlineMs(): number | null {
    return this.#state === 'paused' ? this.#progressAtMs + this.#stallGraceMs : null;
  }

  /** The stream is `offset` bytes long now. Out: {@link paused}. */
  produce(offset: number, nowMs: number): boolean {
    this.#produced = Math.max(this.#produced, offset);
    if (this.#state === 'flowing' && this.outstandingBytes > this.#windowBytes) {
      this.#state = 'paused';
      this.#progressAtMs = nowMs;
    }
    return this.paused;
  }

  /** Everything before `offset` was consumed; beyond what was produced, or old, it counts as far as it goes. Out: {@link paused}. */
  ack(offset: number, nowMs: number): boolean {
    const acked = Math.min(offset, this.#produced);
    if (acked <= this.#acked) return this.paused;
    this.#acked = acked;
    this.#progressAtMs = nowMs;
    if (this.outstandingBytes <= this.#resumeBytes) this.#state = 'flowing';
    return this.paused;
  }

  /** Lets the producer run free once it was paused too long without progress. Out: {@link paused}. */
  tick(nowMs: number): boolean {
    if (this.#state === 'paused' && nowMs - this.#progressAtMs >= this.#stallGraceMs) this.#state = 'free';
    return this.paused;
  }
}
