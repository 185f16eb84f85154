import { OUTPUT_WINDOW_BYTES } from '../limits.ts';
import { MAX_PAYLOAD_BYTES } from './frame.ts';
import type { ByteRing } from './ring.ts';

/** What a viewer gets next. */
export type CursorStep =
  /** Send these bytes; the cursor has moved past them. */
  | { kind: 'send'; offset: number; payload: Uint8Array<ArrayBuffer> }
  /** It has everything there is. */
  | { kind: 'idle' }
  /** There is more, but it has to acknowledge first. */
  | { kind: 'wait' }
  /** What it needs is no longer kept: send a screen, then {@link ViewerCursor.snapshotSent}. */
  | { kind: 'behind' };

/**
 * One receiver's place in a terminal's output: what was sent to it and what it acknowledged. Reads from a tail that
 * many cursors share, so that a slow receiver costs nothing and slows nobody: once its place has left the tail it is
 * skipped to a screen.
 */
export class ViewerCursor {
  readonly #windowBytes: number;
  #sent: number;
  #acked: number;

  /** Starts with everything before `acked` acknowledged and everything before `sent` sent (after a hibernation). */
  constructor(acked = 0, windowBytes: number = OUTPUT_WINDOW_BYTES, sent: number = acked) {
    this.#windowBytes = windowBytes;
    this.#acked = acked;
    this.#sent = sent;
  }

  /** Everything before it was sent. */
  get sent(): number {
    return this.#sent;
  }

  /** Everything before it was acknowledged. */
  get acked(): number {
    return this.#acked;
  }

  /** Bytes sent and not acknowledged. */
  get outstandingBytes(): number {
    return this.#sent - this.#acked;
  }

  /** Decides what to send from `tail`, at most `maxBytes`; moves past it. Call until it is not `send`. */
  next(tail: ByteRing, maxBytes: number = MAX_PAYLOAD_BYTES): CursorStep {
    // A screen is worth sending only to a receiver that has dealt with all it got; the screens of one that is
    // stuck would pile up in its socket.
    if (this.#sent < tail.start) return { kind: this.outstandingBytes > 0 ? 'wait' : 'behind' };
    if (this.#sent >= tail.end) return { kind: 'idle' };
    const room = this.#windowBytes - this.outstandingBytes;
    if (room <= 0) return { kind: 'wait' };
    const offset = this.#sent;
    const payload = tail.read(offset, Math.min(maxBytes, room));
    if (payload === null) return { kind: 'behind' };
    this.#sent += payload.length;
    return { kind: 'send', offset, payload };
  }

  /**
   * The fast path: true, and the cursor moves, when a frame of `length` bytes at `offset` is exactly what this
   * receiver needs next and fits its window, so that the very frame can be passed on without a copy.
   */
  forward(offset: number, length: number): boolean {
    if (offset !== this.#sent || this.outstandingBytes + length > this.#windowBytes) return false;
    this.#sent += length;
    return true;
  }

  /** OutputAck. False (and ignored) when it acknowledges what was never sent. */
  ack(offset: number): boolean {
    if (offset > this.#sent) return false;
    this.#acked = Math.max(this.#acked, offset);
    return true;
  }

  /**
   * A screen standing for everything before `offset` was sent; output goes on from there. Half the window counts
   * as taken until the receiver acknowledges `offset`.
   */
  snapshotSent(offset: number): void {
    this.#sent = offset;
    this.#acked = Math.min(offset, Math.max(this.#acked, offset - Math.floor(this.#windowBytes / 2)));
  }

  /** The receiver attached anew and has everything before `offset`. */
  reset(offset: number): void {
    this.#sent = offset;
    this.#acked = offset;
  }
}
