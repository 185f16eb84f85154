import { INPUT_WINDOW_BYTES } from '../../protocol/limits.ts';
import { encodeOffset, type Frame, FrameKind } from '../../protocol/stream/frame.ts';
import { InputReceiver } from '../../protocol/stream/input-receiver.ts';
import type { Link } from './link.ts';
import type { Pty } from './pty.ts';

/** What the input of a terminal needs of it. */
export interface InputSurroundings {
  channel: number;
  pty: Pty;
  /** The link that is followed now, if there is one: answers go there rather than to one that was replaced. */
  link: () => Link | null;
  /** Where the output stands; every answer carries it. */
  outputEnd: () => number;
  /** Something was typed and reached the program's terminal. */
  typed: (bytes: Uint8Array) => void;
}

/** Input of one terminal: each byte of each stream is typed once, in order, as far as the program reads. */
export class TerminalInput {
  readonly #around: InputSurroundings;
  readonly #receiver = new InputReceiver();
  /** Streams whose bytes did not fit, because the program does not read. */
  readonly #crowdedOut = new Set<number>();

  constructor(around: InputSurroundings) {
    this.#around = around;
  }

  /** Where every stream stands. */
  all(): [stream: number, offset: number][] {
    return this.#receiver.all();
  }

  /** Applies an Input frame and answers on the link. */
  accept(frame: Frame, link: Link): void {
    const { stream } = frame;
    const { pty, channel, typed } = this.#around;
    // Until there is room again everything of this stream is dropped: answering at once would only have it sent again.
    if (this.#crowdedOut.has(stream)) return;
    if (pty.queuedBytes + frame.payload.length > INPUT_WINDOW_BYTES) {
      this.#crowdedOut.add(stream);
      return;
    }
    const decision = this.#receiver.accept(stream, frame.offset, frame.payload);
    switch (decision.kind) {
      case 'apply':
        return pty.write(decision.bytes, () => {
          const current = this.#around.link() ?? link;
          this.#answer(current, FrameKind.InputAck, stream, decision.applied);
          this.#letIn(current);
          typed(frame.payload);
        });
      case 'duplicate':
        return this.#answer(link, FrameKind.InputAck, stream, decision.applied);
      case 'gap':
        if (decision.signal) this.#answer(link, FrameKind.InputResume, stream, decision.applied);
        return;
      case 'refused':
        link.send({
          type: 'error',
          code: 'limit-exceeded',
          detail: 'Too many clients have typed into this terminal. Open a new one.',
          channel,
        });
    }
  }

  /** Tells where an input stream stands. */
  sync(link: Link, stream: number): void {
    this.#crowdedOut.delete(stream);
    this.#answer(link, FrameKind.InputResume, stream, this.#receiver.applied(stream));
  }

  /** The program has read: whose input did not fit goes on from where it stands. */
  #letIn(link: Link): void {
    if (this.#crowdedOut.size === 0 || this.#around.pty.queuedBytes > INPUT_WINDOW_BYTES / 2) return;
    for (const stream of this.#crowdedOut) this.sync(link, stream);
  }

  #answer(link: Link, kind: FrameKind, stream: number, applied: number): void {
    const { channel, outputEnd } = this.#around;
    link.frame({ kind, channel, stream, offset: applied, payload: encodeOffset(outputEnd()) });
  }
}
