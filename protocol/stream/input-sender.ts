import { z } from 'zod';
import { INPUT_QUEUE_BYTES, INPUT_WINDOW_BYTES } from '../limits.ts';
import { MAX_PAYLOAD_BYTES } from './frame.ts';
import { ByteRing } from './ring.ts';

/** What {@link InputSender.save} writes and {@link InputSender.restore} reads; JSON-safe. */
export const SavedInput = z.object({
  /** Absolute offset of the first pending byte. */
  offset: z.int().min(0),
  /** The bytes not yet acknowledged, base64. */
  pending: z.base64(),
});
export type SavedInput = z.infer<typeof SavedInput>;

/** One Input frame's worth to send. */
export interface InputChunk {
  offset: number;
  payload: Uint8Array<ArrayBuffer>;
}

/**
 * The sending end of one client input stream on one channel: keeps every byte until it is acknowledged, so that a
 * keystroke is applied exactly once whatever dies on the way. Nothing is sent before the receiver said where it
 * stands (InputResume), nor beyond the window.
 */
export class InputSender {
  readonly #windowBytes: number;
  /** Unacknowledged and unsent bytes: `start` is the acknowledged offset, `end` the offset of the next keystroke. */
  readonly #queue: ByteRing;
  #sent: number;
  #ready = false;
  /** Bytes before this offset may have been sent by an earlier life of the page; null once numbering is settled. */
  #freshFrom: number | null;

  constructor(limits: { windowBytes?: number; queueBytes?: number } = {}, offset = 0) {
    this.#windowBytes = limits.windowBytes ?? INPUT_WINDOW_BYTES;
    this.#queue = new ByteRing(limits.queueBytes ?? INPUT_QUEUE_BYTES, offset);
    this.#sent = offset;
    this.#freshFrom = offset;
  }

  /** Everything before it was applied by the receiver. */
  get acked(): number {
    return this.#queue.start;
  }

  /** Offset the next pushed byte gets. May move up once, at the first {@link resume}. */
  get end(): number {
    return this.#queue.end;
  }

  /** Bytes kept because they are not acknowledged yet. */
  get pendingBytes(): number {
    return this.#queue.length;
  }

  /** Whether the receiver has said where it stands since the last {@link disconnected}. */
  get ready(): boolean {
    return this.#ready;
  }

  /** Queues bytes (copied). False, and nothing queued, when the queue would exceed its bound. */
  push(bytes: Uint8Array): boolean {
    if (this.#queue.length + bytes.length > this.#queue.maxBytes) return false;
    this.#queue.append(bytes);
    return true;
  }

  /** The next chunk to send, now counted as sent; null when there is none, the window is full or not {@link ready}. */
  next(maxBytes: number = MAX_PAYLOAD_BYTES): InputChunk | null {
    if (!this.#ready) return null;
    const room = this.#queue.start + this.#windowBytes - this.#sent;
    if (room <= 0) return null;
    const payload = this.#queue.read(this.#sent, Math.min(maxBytes, room));
    if (payload === null || payload.length === 0) return null;
    const offset = this.#sent;
    this.#sent += payload.length;
    return { offset, payload };
  }

  /** InputAck: everything before `applied` is done. False when the peer acknowledges what was never sent. */
  ack(applied: number): boolean {
    if (applied > this.#sent) return false;
    this.#queue.discardBefore(applied);
    return true;
  }

  /**
   * InputResume: the receiver stands at `applied`; go on from there. An old one (before what was acknowledged)
   * only makes us resend what is pending, which the receiver recognises.
   *
   * Out: false when the receiver is ahead of what this stream ever held although numbering was settled: someone else
   * writes to our stream. The pending bytes are dropped then, because whether they were applied cannot be known.
   */
  resume(applied: number): boolean {
    this.#ready = true;
    if (applied > this.#queue.end || (this.#freshFrom !== null && applied > this.#freshFrom)) {
      const agreed = this.#renumber(applied);
      this.#freshFrom = null;
      return agreed;
    }
    this.#freshFrom = null;
    this.#queue.discardBefore(applied);
    this.#sent = Math.max(applied, this.#queue.start);
    return true;
  }

  /** The link is down: nothing is sent until the next {@link resume}. */
  disconnected(): void {
    this.#ready = false;
  }

  /** What to keep for the next life of this client: the first `maxBytes` of what is pending. */
  save(maxBytes: number): SavedInput {
    const bytes = this.#queue.read(this.#queue.start, maxBytes) ?? new Uint8Array(0);
    let binary = '';
    for (const byte of bytes) binary += String.fromCharCode(byte);
    return { offset: this.#queue.start, pending: btoa(binary) };
  }

  /** Takes up a saved queue, before anything is pushed. What the receiver already applied is dropped at {@link resume}. */
  restore(saved: SavedInput): boolean {
    if (this.#queue.length > 0 || this.#ready) return false;
    const binary = atob(saved.pending);
    if (binary.length > this.#queue.maxBytes) return false;
    this.#queue.reset(saved.offset);
    this.#queue.append(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
    this.#sent = saved.offset;
    this.#freshFrom = this.#queue.end;
    return true;
  }

  /**
   * The receiver stands beyond our numbering. At the first contact that means an earlier life of this page typed
   * more than was saved; what was typed since is new and gets numbered from there.
   */
  #renumber(applied: number): boolean {
    const fresh = this.#freshFrom === null ? null : this.#queue.read(this.#freshFrom, this.#queue.length);
    this.#queue.reset(applied);
    this.#sent = applied;
    if (fresh === null) return false;
    this.#queue.append(fresh);
    return true;
  }
}
