import { ACK_EVERY_BYTES, OUTPUT_WINDOW_BYTES, REPLAY_RING_BYTES } from '../../protocol/limits.ts';
import type { SessionToHost } from '../../protocol/messages/host.ts';
import { encodeFrame, FrameKind } from '../../protocol/stream/frame.ts';
import type { Credit } from './viewer-cursor.ts';

/** Way to the executor. Nothing is sent while the link is down. */
export interface HostPort {
  send(message: SessionToHost): void;
  sendFrame(bytes: ArrayBuffer | Uint8Array): void;
}

/** So far back the executor surely has the output: its ring, less what it may be ahead of what came here. */
const REPLAYABLE_BYTES = REPLAY_RING_BYTES - OUTPUT_WINDOW_BYTES;
/** Replays are asked for again when this many frames in a row did not fit. */
const HEAL_AGAIN_FRAMES = 64;

/** The executor's side of one terminal's output, as known here: how much there is, what is kept, what was asked for. */
export class OutputSource {
  /** The executor has this terminal and the link to it is up. */
  live = false;
  readonly #channel: number;
  readonly #host: HostPort;
  /** Frames that did not fit since a replay was asked for; null when none is awaited. */
  #misfits: number | null = null;
  #acked = 0;
  /** Oldest output the executor had when it was linked. */
  #ringOffset = 0;
  /** There is at least so much output. */
  #end = 0;
  /** No viewer can have more than {@link #end}: not so after a wake, when others may have been sent more before it. */
  #exact = false;

  constructor(channel: number, host: HostPort) {
    this.#channel = channel;
    this.#host = host;
  }

  /** Output flows from the terminal's birth. */
  born(): void {
    this.live = true;
    this.#exact = true;
  }

  /** Whether there certainly is no output at `offset` yet: not because a replay that is under way has not come there. */
  lacks(offset: number): boolean {
    return this.#exact && offset > this.#end;
  }

  /** The link is up: `outputOffset` bytes were produced, those from `ringOffset` on are kept. */
  linked(outputOffset: number, ringOffset: number): void {
    this.live = true;
    this.#acked = 0;
    this.#ringOffset = ringOffset;
    this.#end = outputOffset;
    this.#exact = true;
  }

  unlinked(): void {
    this.live = false;
    this.#misfits = null;
  }

  /** Everything before `offset` is known to have been produced. */
  produced(offset: number): void {
    if (offset > this.#end) this.#end = offset;
  }

  /** What came is what was expected, up to `offset`. */
  fitted(offset: number): void {
    this.#misfits = null;
    this.produced(offset);
  }

  /** From here on the executor surely has the output, of which there are at least `end` bytes. */
  keptFrom(end = 0): number {
    return Math.max(this.#ringOffset, Math.max(end, this.#end) - REPLAYABLE_BYTES);
  }

  /** Says something if the executor can be reached. */
  ask(message: SessionToHost): void {
    if (this.live) this.#host.send(message);
  }

  /** Asks for everything from `offset`. */
  replay(offset: number): void {
    this.#misfits = 0;
    this.ask({ type: 'replay', channel: this.#channel, offset });
  }

  /** A frame beyond what is expected: on its way before the replay that was asked for, or a gap. True: ask (again). */
  misfit(): boolean {
    if (this.#misfits === null || this.#misfits >= HEAL_AGAIN_FRAMES) return true;
    this.#misfits += 1;
    return false;
  }

  /** Whether with output up to `end` enough is unacknowledged to look for more to acknowledge. */
  ackDue(end: number): boolean {
    return end - this.#acked >= ACK_EVERY_BYTES;
  }

  /**
   * Everything before the credit's offset was consumed. Told in steps, as each message costs; the last bit always, because
   * an executor that waits for it prints nothing that would bring the next.
   */
  ack({ offset, final }: Credit): void {
    const owed = offset - this.#acked;
    if (owed <= 0 || (owed < ACK_EVERY_BYTES && !final)) return;
    this.#acked = offset;
    this.#host.sendFrame(encodeFrame({ kind: FrameKind.OutputAck, channel: this.#channel, offset }));
  }
}
