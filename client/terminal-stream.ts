import type { TerminalExit, TerminalInfo, TerminalMode, TerminalSize } from '../protocol/messages/session.ts';
import { type Frame, FrameKind } from '../protocol/stream/frame.ts';
import type { InputStore } from './input-keeper.ts';
import type { InputObserver, StreamPort, TerminalSink } from './stream-port.ts';
import { TerminalInput } from './terminal-input.ts';
import { TerminalOutput } from './terminal-output.ts';

/** One attached terminal: output in order exactly once, input kept until it was applied, the window it is shown in. */
export class TerminalStream {
  readonly channel: number;
  readonly #sink: TerminalSink;
  readonly #port: StreamPort;
  readonly #output: TerminalOutput;
  readonly #input: TerminalInput;
  #info: TerminalInfo | null = null;
  #window: { size: TerminalSize; visible: boolean } | null = null;
  #exit: TerminalExit | null = null;
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
    this.#output = new TerminalOutput(channel, offset, {
      sink,
      port,
      missing: (expected) => this.#attach(expected),
    });
    this.#input = new TerminalInput(channel, port, store);
  }

  /** Everything before it was received. */
  get offset(): number {
    return this.#output.offset;
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
    return this.#input.roundTripMs;
  }

  /** Line discipline as last told; null when not known yet. */
  get mode(): TerminalMode | null {
    return this.#input.mode;
  }

  /** False: this person only watches here, and nothing is typed or sized. */
  get mayType(): boolean {
    return this.#input.mayType;
  }

  /** Follows typed bytes from now on, one observer at a time; null ends it. */
  observe(observer: InputObserver | null): void {
    this.#input.observe(observer);
  }

  /** Types. False, and nothing typed, when more is queued than is kept, the terminal has ended, or this person only watches. */
  write(bytes: Uint8Array): boolean {
    return this.#exit === null && this.#input.write(bytes);
  }

  /** Keeps what is pending in the store now: the page may go any moment. */
  keepInput(): void {
    this.#input.keep();
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

  /** Whether this person may type now. What was typed and not applied is dropped when not: it would come as a surprise. */
  setMayType(mayType: boolean): void {
    const might = this.#input.mayType;
    this.#input.setMayType(mayType);
    if (mayType && !might) this.#tellWindow(false);
  }

  /** Asks for an exact screen, which takes the place of everything shown so far. */
  redraw(): void {
    this.#output.displace();
    this.#attach(null);
  }

  /** The socket is up and welcomed: attach where we are. */
  linked(): void {
    this.#attach(this.#output.resumeAt);
  }

  /** The socket is gone. */
  unlinked(): void {
    this.#input.unlinked();
    this.#output.unlinked();
  }

  /** The answer to attach. */
  attached(mode: 'resume' | 'snapshot', offset: number, terminal: TerminalInfo): void {
    this.#info = terminal;
    this.#input.guessRoundTrip(performance.now() - this.#attachSentAtMs);
    if (mode === 'resume') this.#output.resumed(offset);
    this.#tellWindow(false);
  }

  updated(terminal: TerminalInfo): void {
    this.#info = terminal;
  }

  resized(offset: number, size: TerminalSize): void {
    this.#output.resized(offset, size);
  }

  modeTold(mode: TerminalMode): void {
    this.#input.modeTold(mode);
  }

  exited(exit: TerminalExit): void {
    if (this.#exit !== null) return;
    this.#exit = exit;
    this.#input.forget();
    this.#sink.exited?.(exit);
  }

  frame(frame: Frame): void {
    switch (frame.kind) {
      case FrameKind.Output:
        return this.#output.output(frame);
      case FrameKind.Snapshot:
        return this.#output.snapshot(frame);
      case FrameKind.InputAck:
        return this.#input.acknowledged(frame);
      case FrameKind.InputResume:
        return this.#input.resumed(frame);
      default:
        return;
    }
  }

  /** Stops timers; the stream is of no more use. */
  dispose(): void {
    this.#output.dispose();
    this.#input.dispose();
  }

  #attach(offset: number | null): void {
    this.#attachSentAtMs = performance.now();
    this.#port.send({ type: 'attach', channel: this.channel, offset });
  }

  #tellWindow(take: boolean): void {
    if (this.#window === null || this.#info === null || !this.#input.mayType) return;
    this.#port.send({ type: 'resize', channel: this.channel, ...this.#window, take });
  }
}
