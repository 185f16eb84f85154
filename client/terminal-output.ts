import type { TerminalSize } from '../protocol/messages/session.ts';
import { encodeFrame, type Frame, FrameKind } from '../protocol/stream/frame.ts';
import { OutputReceiver } from '../protocol/stream/output-receiver.ts';
import { OutputAcks } from './output-acks.ts';
import { ScreenAssembly } from './screen-assembly.ts';
import { SizeQueue } from './size-queue.ts';
import type { StreamPort, TerminalSink } from './stream-port.ts';

/** What a {@link TerminalOutput} needs: where bytes go, the way for acknowledgements, and how to attach anew. */
export interface OutputEffects {
  sink: TerminalSink;
  port: StreamPort;
  /** Bytes are missing: attach again at `offset`. */
  missing(offset: number): void;
}

/** The output half of an attached terminal: every byte to the sink once and in order, each at the size it was printed for. */
export class TerminalOutput {
  readonly #sink: TerminalSink;
  readonly #missing: (offset: number) => void;
  readonly #receiver: OutputReceiver;
  readonly #assembly = new ScreenAssembly();
  readonly #acks: OutputAcks;
  readonly #sizes = new SizeQueue();
  /** False until output or a screen came: the place in the output is not known yet. */
  #placed: boolean;

  /** `offset`: where to go on; null: behind a screen that comes first. */
  constructor(channel: number, offset: number | null, { sink, port, missing }: OutputEffects) {
    this.#sink = sink;
    this.#missing = missing;
    this.#placed = offset !== null;
    this.#receiver = new OutputReceiver(offset ?? 0);
    this.#acks = new OutputAcks(offset ?? 0, (consumed) =>
      port.sendFrame(encodeFrame({ kind: FrameKind.OutputAck, channel, offset: consumed })),
    );
  }

  /** Everything before it was received. */
  get offset(): number {
    return this.#receiver.offset;
  }

  /** Where to attach: at an offset, or null for a screen first. */
  get resumeAt(): number | null {
    return this.#placed ? this.#receiver.offset : null;
  }

  /** What was shown so far is to be replaced by a screen. */
  displace(): void {
    this.#placed = false;
  }

  /** The link is down: what is half there will not be finished. */
  unlinked(): void {
    this.#receiver.reconnected();
    this.#assembly.clear();
    this.#acks.pause();
  }

  /** The session goes on from `offset`. Elsewhere than asked: nothing before it is to be had any more. */
  resumed(offset: number): void {
    if (!this.#placed || offset > this.#receiver.offset) this.#place(offset);
  }

  /** Output from `offset` on is for a terminal of this size. */
  resized(offset: number, size: TerminalSize): void {
    this.#sizes.add({ offset, size });
    if (this.#placed) this.#applySizes(this.#receiver.offset);
  }

  /** An Output frame. */
  output(frame: Frame): void {
    if (!this.#placed) return;
    const decision = this.#receiver.accept(frame.offset, frame.payload);
    if (decision.kind === 'gap' && decision.signal) this.#missing(decision.expected);
    if (decision.kind !== 'data') return;
    let { offset, bytes } = decision;
    const end = offset + bytes.length;
    // A size begins in the middle of these bytes: what is before it still belongs to the old size.
    for (let next = this.#sizes.takeUpTo(end - 1); next !== null; next = this.#sizes.takeUpTo(end - 1)) {
      const before = Math.max(0, next.offset - offset);
      if (before > 0) this.#deliver(bytes.subarray(0, before), offset + before);
      bytes = bytes.subarray(before);
      offset += before;
      this.#sink.resized?.(next.size);
    }
    this.#deliver(bytes, end);
    this.#applySizes(this.#receiver.offset);
  }

  /** A Snapshot frame: a piece of a screen that stands for everything before its offset. */
  snapshot(frame: Frame): void {
    const screen = this.#assembly.accept(frame);
    if (screen === null || (this.#placed && screen.offset < this.#receiver.offset)) return;
    this.#place(screen.offset);
    const { offset, cols, rows } = screen;
    this.#sizes.screen({ offset, size: { cols, rows } });
    this.#sink.screen(screen, this.#acks.screenConsumer(offset));
  }

  /** What is consumed from now on is acknowledged to nobody. */
  dispose(): void {
    this.#acks.dispose();
  }

  #deliver(bytes: Uint8Array, end: number): void {
    this.#sink.output(bytes, this.#acks.consumer(end), end);
  }

  #applySizes(offset: number): void {
    for (let next = this.#sizes.takeUpTo(offset); next !== null; next = this.#sizes.takeUpTo(offset))
      this.#sink.resized?.(next.size);
  }

  /** Everything before `offset` counts as received and acknowledged from now on. */
  #place(offset: number): void {
    this.#placed = true;
    this.#receiver.snapshot(offset);
    this.#acks.place(offset);
    this.#applySizes(this.#receiver.offset);
  }
}
