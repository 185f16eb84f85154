import { type Deferred, deferred } from './deferred.ts';
import type { SessionError } from './errors.ts';

/** What blanks a terminal (RIS), so that a screen that follows stands for everything before. */
const RESET = new TextEncoder().encode('\x1bc');

interface Chunk {
  bytes: Uint8Array;
  consumed: () => void;
}

/**
 * Output on its way to a program that reads at its own pace. A chunk counts as consumed when the one after it is asked
 * for, so that what is not read is not acknowledged and the program that prints waits; that bounds the queue, too.
 */
export class OutputQueue implements AsyncIterableIterator<Uint8Array> {
  readonly #chunks: Chunk[] = [];
  #reading: (() => void) | null = null;
  #waiting: Deferred<IteratorResult<Uint8Array, undefined>> | null = null;
  #ended = false;
  #error: SessionError | null = null;
  #discarding = false;

  push(bytes: Uint8Array, consumed: () => void): void {
    if (this.#discarding || this.#ended) return consumed();
    // The bytes are lent for the moment of the call.
    this.#chunks.push({ bytes: bytes.slice(), consumed });
    this.#hand();
  }

  /** A screen that stands for everything so far: what was not read of it is passed over. */
  restart(screen: Uint8Array, consumed: () => void): void {
    for (const chunk of this.#chunks.splice(0)) chunk.consumed();
    this.push(RESET, () => undefined);
    this.push(screen, consumed);
  }

  /** Nothing more comes; `error`: and that is not how it should be. What is there can still be read. */
  end(error: SessionError | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#hand();
  }

  /** Nobody reads: everything counts as consumed when it comes. */
  discard(): void {
    this.#discarding = true;
    for (const chunk of this.#chunks.splice(0)) chunk.consumed();
    this.#reading?.();
    this.#reading = null;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#waiting !== null) return Promise.reject(new Error('One reader at a time.'));
    this.#reading?.();
    this.#reading = null;
    this.#waiting = deferred();
    const { promise } = this.#waiting;
    this.#hand();
    return promise;
  }

  /** The reader left its loop: nobody reads any more. */
  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.discard();
    return Promise.resolve({ done: true, value: undefined });
  }

  #hand(): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    const chunk = this.#chunks.shift();
    if (chunk === undefined && !this.#ended) return;
    this.#waiting = null;
    if (chunk !== undefined) {
      this.#reading = chunk.consumed;
      waiting.resolve({ done: false, value: chunk.bytes });
    } else if (this.#error === null) {
      waiting.resolve({ done: true, value: undefined });
    } else {
      waiting.reject(this.#error);
    }
  }
}
