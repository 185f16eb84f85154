import { MAX_UNREAD_BYTES, RECEIPT_EVERY_BYTES } from './limits.ts';

/** What to do after a message was sent: nothing, ask for a receipt, or give the viewer up. */
export type AfterSending = 'nothing' | 'ask' | 'give-up';

/**
 * How much a viewer was sent outside its output windows (messages, acknowledgements of input) without a sign that it
 * read it. The platform buffers for a socket that is not read without bound and does not tell how much; so a viewer
 * is asked for a receipt now and then, and one that owes too much is given up. A pure decision.
 */
export class UnreadMessages {
  #sent: number;
  #read: number;
  #asked: number;

  /** As they stood before the actor slept. */
  constructor(sent = 0, read = 0) {
    this.#sent = sent;
    this.#read = read;
    this.#asked = read;
  }

  /** Bytes sent so far; the number a receipt is asked for. */
  get sent(): number {
    return this.#sent;
  }

  /** Everything before it was read. */
  get read(): number {
    return this.#read;
  }

  /** So much more was sent. */
  send(bytes: number): AfterSending {
    this.#sent += bytes;
    if (this.#sent - this.#read > MAX_UNREAD_BYTES) return 'give-up';
    if (this.#sent - this.#asked < RECEIPT_EVERY_BYTES) return 'nothing';
    this.#asked = this.#sent;
    return 'ask';
  }

  /** The viewer has read everything before `position`. What was never sent is not believed. */
  receipt(position: number): void {
    if (position <= this.#sent) this.#read = Math.max(this.#read, position);
  }
}
