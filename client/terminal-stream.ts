import type { TerminalExit, TerminalInfo, TerminalMode, TerminalSize } from '../protocol/messages/session.ts';
import type { ViewerToSession } from '../protocol/messages/viewer.ts';
import { decodeOffset, encodeFrame, type Frame, FrameKind } from '../protocol/stream/frame.ts';
import { InputSender, SavedInput } from '../protocol/stream/input-sender.ts';
import { OutputReceiver } from '../protocol/stream/output-receiver.ts';
import { InputKeeper, type InputStore } from './input-keeper.ts';
import { OutputAcks } from './output-acks.ts';
import { RoundTrip } from './round-trip.ts';
import { ScreenAssembly, type ScreenSnapshot } from './screen-assembly.ts';
import { SizeQueue } from './size-queue.ts';

/** Where a terminal's output goes. `consumed` says the bytes were dealt with, which lets more come. */
export interface TerminalSink {
  /** `end`: output offset after these bytes. */
  output(bytes: Uint8Array, consumed: () => void, end: number): void;
  /** Blank the terminal, give it this size and write these bytes; they stand for everything so far. */
  screen(screen: ScreenSnapshot, consumed: () => void): void;
  /** The terminal has this size for all output that follows. */
  resized?(size: TerminalSize): void;
  /** After the last byte. */
  exited?(exit: TerminalExit): void;
}

/** What becomes of typed bytes: all that predictive echo needs besides the screen. */
export interface InputObserver {
  /** These bytes were typed; `end` is the input offset after them. */
  typed(bytes: Uint8Array, end: number): void;
  /** Everything before input offset `applied` reached the program's terminal, whose output stood at `output` then. */
  applied(applied: number, output: number): void;
  /** What the line discipline does with keys is known, or changed. */
  mode(mode: TerminalMode): void;
}

/** The way to the session actor. Nothing is sent while it is down. */
export interface StreamPort {
  send(message: ViewerToSession): void;
  sendFrame(bytes: Uint8Array<ArrayBuffer>): void;
}

/** One attached terminal: output in order exactly once, input kept until it was applied. */
export class TerminalStream {
  readonly channel: number;
  readonly #sink: TerminalSink;
  readonly #port: StreamPort;
  #input = new InputSender();
  /** False: this person only watches here, and nothing is typed or sized. */
  #mayType = true;
  readonly #keeper: InputKeeper | null;
  readonly #receiver: OutputReceiver;
  readonly #assembly = new ScreenAssembly();
  readonly #acks: OutputAcks;
  /** False until output or a screen came: the place in the output is not known yet. */
  #placed: boolean;
  #info: TerminalInfo | null = null;
  readonly #sizes = new SizeQueue();
  #window: { size: TerminalSize; visible: boolean } | null = null;
  #exit: TerminalExit | null = null;
  #mode: TerminalMode | null = null;
  #observer: InputObserver | null = null;
  readonly #roundTrip = new RoundTrip();
  #attachSentAtMs = 0;

  /** `offset`: where to go on; null for an exact screen first. `store` keeps input beyond this client's life. */
  constructor(
    channel: number,
    offset: number | null,
    sink: TerminalSink,
    port: StreamPort,
    store: InputStore | null = null,
  ) {
    this.channel = channel;
    this.#sink = sink;
    this.#port = port;
    this.#placed = offset !== null;
    this.#receiver = new OutputReceiver(offset ?? 0);
    this.#acks = new OutputAcks(offset ?? 0, (consumed) =>
      port.sendFrame(encodeFrame({ kind: FrameKind.OutputAck, channel, offset: consumed })),
    );
    const saved = SavedInput.safeParse(store?.load(channel)).data ?? null;
    this.#keeper = store === null ? null : new InputKeeper(store, channel, this.#input, saved);
  }

  /** Everything before it was received. */
  get offset(): number {
    return this.#receiver.offset;
  }

  /** The terminal as last announced; null before the first answer. */
  get info(): TerminalInfo | null {
    return this.#info;
  }

  get exit(): TerminalExit | null {
    return this.#exit;
  }

  /** Input bytes not yet known to be applied. */
  get pendingInputBytes(): number {
    return this.#input.pendingBytes;
  }

  /** Smoothed time from sending a key to learning that it was applied, in milliseconds; null when not known yet. */
  get roundTripMs(): number | null {
    return this.#roundTrip.smoothedMs;
  }

  /** Line discipline as last told; null when not known yet. */
  get mode(): TerminalMode | null {
    return this.#mode;
  }

  /** Follows typed bytes from now on, one observer at a time; null ends it. */
  observe(observer: InputObserver | null): void {
    this.#observer = observer;
    if (this.#mode !== null) observer?.mode(this.#mode);
  }

  /** Types. False, and nothing typed, when more is queued than is kept, the terminal has ended, or this person only watches. */
  write(bytes: Uint8Array): boolean {
    if (this.#exit !== null || !this.#mayType || !this.#input.push(bytes)) return false;
    this.#observer?.typed(bytes, this.#input.end);
    this.#flushInput();
    this.#keeper?.typed();
    return true;
  }

  /** Keeps what is pending in the store now: the page may go any moment. */
  keepInput(): void {
    this.#keeper?.flush();
  }

  /**
   * Tells the size of the window the terminal is shown in, and whether it can be seen; told again after every reconnect.
   * The terminal has the size of the window that was last typed in.
   */
  resize(size: TerminalSize, visible = true): void {
    this.#window = { size, visible };
    this.#tellWindow(false);
  }

  /** Asks that the terminal follow this window's size, without typing. */
  takeSize(): void {
    this.#tellWindow(true);
  }

  get mayType(): boolean {
    return this.#mayType;
  }

  /** Whether this person may type now. What was typed and not applied is dropped when not: it would come as a surprise. */
  setMayType(mayType: boolean): void {
    if (mayType === this.#mayType) return;
    this.#mayType = mayType;
    if (mayType) this.#tellWindow(false);
    else {
      this.#input = new InputSender();
      this.#keeper?.replace(this.#input);
    }
  }

  /** Asks for an exact screen, which takes the place of everything shown so far. */
  redraw(): void {
    this.#placed = false;
    this.#attach(null);
  }

  /** The socket is up and welcomed: attach where we are. */
  linked(): void {
    const offset = this.#placed ? this.#receiver.offset : null;
    this.#attach(offset);
  }

  /** The socket is gone. */
  unlinked(): void {
    this.#input.disconnected();
    this.#roundTrip.interrupted();
    this.#receiver.reconnected();
    this.#assembly.clear();
    this.#acks.pause();
  }

  /** The answer to attach. */
  attached(mode: 'resume' | 'snapshot', offset: number, terminal: TerminalInfo): void {
    this.#info = terminal;
    this.#roundTrip.guess(performance.now() - this.#attachSentAtMs);
    // Resumed elsewhere than asked: nothing before is to be had any more.
    if (mode === 'resume' && (!this.#placed || offset > this.#receiver.offset)) this.#place(offset);
    this.#tellWindow(false);
  }

  updated(terminal: TerminalInfo): void {
    this.#info = terminal;
  }

  resized(offset: number, size: TerminalSize): void {
    this.#sizes.add({ offset, size });
    if (this.#placed) this.#applySizes(this.#receiver.offset);
  }

  modeTold(mode: TerminalMode): void {
    this.#mode = mode;
    this.#observer?.mode(mode);
  }

  exited(exit: TerminalExit): void {
    if (this.#exit !== null) return;
    this.#exit = exit;
    this.#keeper?.forget();
    this.#sink.exited?.(exit);
  }

  frame(frame: Frame): void {
    switch (frame.kind) {
      case FrameKind.Output:
        return this.#output(frame);
      case FrameKind.Snapshot:
        return this.#snapshot(frame);
      case FrameKind.InputAck:
        this.#input.ack(frame.offset);
        return this.#applied(frame);
      case FrameKind.InputResume:
        this.#input.resume(frame.offset);
        return this.#applied(frame);
      default:
        return;
    }
  }

  /** Stops timers; the stream is of no more use. */
  dispose(): void {
    this.#acks.dispose();
    this.#keeper?.stop();
  }

  #attach(offset: number | null): void {
    this.#attachSentAtMs = performance.now();
    this.#port.send({ type: 'attach', channel: this.channel, offset });
  }

  #applied(frame: Frame): void {
    this.#roundTrip.applied(frame.offset, performance.now());
    const output = decodeOffset(frame.payload);
    if (output !== null) this.#observer?.applied(frame.offset, output);
    this.#keeper?.applied();
    this.#flushInput();
  }

  #tellWindow(take: boolean): void {
    if (this.#window === null || this.#info === null || !this.#mayType) return;
    this.#port.send({ type: 'resize', channel: this.channel, ...this.#window, take });
  }

  #output(frame: Frame): void {
    if (!this.#placed) return;
    const decision = this.#receiver.accept(frame.offset, frame.payload);
    if (decision.kind === 'gap' && decision.signal) {
      this.#attach(decision.expected);
    }
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

  #deliver(bytes: Uint8Array, end: number): void {
    this.#sink.output(bytes, this.#acks.consumer(end), end);
  }

  #snapshot(frame: Frame): void {
    const screen = this.#assembly.accept(frame);
    if (screen === null || (this.#placed && screen.offset < this.#receiver.offset)) return;
    this.#place(screen.offset);
    const { offset, cols, rows } = screen;
    this.#sizes.screen({ offset, size: { cols, rows } });
    this.#sink.screen(screen, this.#acks.screenConsumer(offset));
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

  #flushInput(): void {
    for (let chunk = this.#input.next(); chunk !== null; chunk = this.#input.next()) {
      this.#port.sendFrame(encodeFrame({ kind: FrameKind.Input, channel: this.channel, ...chunk }));
      this.#roundTrip.sent(chunk.offset + chunk.payload.length, performance.now());
    }
  }
}
