import { AckPolicy } from '../protocol/stream/ack-policy.ts';

/** Acknowledges the output of one terminal as it is consumed: every so many bytes, or after a while. */
export class OutputAcks {
  readonly #send: (offset: number) => void;
  #policy: AckPolicy;
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** `offset`: what counts as acknowledged; `send` tells an offset to the other end. */
  constructor(offset: number, send: (offset: number) => void) {
    this.#policy = new AckPolicy(offset);
    this.#send = send;
  }

  /** To be called when the output before `end` was consumed. Without effect once the stream was placed anew. */
  consumer(end: number): () => void {
    return this.#whilePlaced(() => this.#consumed(end));
  }

  /** To be called when a screen that stands for everything before `offset` is shown; acknowledged at once. */
  screenConsumer(offset: number): () => void {
    return this.#whilePlaced(() => this.#sendNow(offset));
  }

  /** Everything before `offset` counts as acknowledged from now on; consumers handed out before do nothing. */
  place(offset: number): void {
    this.#policy = new AckPolicy(offset);
    this.pause();
  }

  /** Nothing more is sent before something is consumed. */
  pause(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** What is consumed from now on is acknowledged to nobody. */
  dispose(): void {
    this.place(this.#policy.consumed);
  }

  #whilePlaced(act: () => void): () => void {
    const policy = this.#policy;
    return () => {
      if (policy === this.#policy) act();
    };
  }

  #consumed(end: number): void {
    const due = this.#policy.consume(end, performance.now());
    if (due !== null) return this.#sendNow(due);
    const { deadlineMs } = this.#policy;
    if (deadlineMs === null || this.#timer !== null) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#sendNow(this.#policy.flush());
      },
      Math.max(0, deadlineMs - performance.now()),
    );
  }

  #sendNow(offset: number): void {
    this.pause();
    this.#send(offset);
  }
}
