import type { TerminalMode } from '../protocol/messages/session.ts';
import { decodeOffset, encodeFrame, type Frame, FrameKind } from '../protocol/stream/frame.ts';
import { InputSender, SavedInput } from '../protocol/stream/input-sender.ts';
import { InputKeeper, type InputStore } from './input-keeper.ts';
import { RoundTrip } from './round-trip.ts';
import type { InputObserver, StreamPort } from './stream-port.ts';

/** The input half of an attached terminal: typed bytes kept until they were applied, each once. */
export class TerminalInput {
  readonly #channel: number;
  readonly #port: StreamPort;
  readonly #keeper: InputKeeper | null;
  readonly #roundTrip = new RoundTrip();
  #sender = new InputSender();
  #mayType = true;
  #mode: TerminalMode | null = null;
  #observer: InputObserver | null = null;

  /** `store` keeps what is pending beyond this client's life; what an earlier life left there is taken up. */
  constructor(channel: number, port: StreamPort, store: InputStore | null) {
    this.#channel = channel;
    this.#port = port;
    const saved = SavedInput.safeParse(store?.load(channel)).data ?? null;
    this.#keeper = store === null ? null : new InputKeeper(store, channel, this.#sender, saved);
  }

  /** Bytes not yet known to be applied. */
  get pendingBytes(): number {
    return this.#sender.pendingBytes;
  }

  /** Smoothed time from sending a key to learning that it was applied, in milliseconds; null when not known yet. */
  get roundTripMs(): number | null {
    return this.#roundTrip.smoothedMs;
  }

  /** Line discipline as last told; null when not known yet. */
  get mode(): TerminalMode | null {
    return this.#mode;
  }

  /** False: this person only watches here. */
  get mayType(): boolean {
    return this.#mayType;
  }

  /** Follows typed bytes from now on, one observer at a time; null ends it. */
  observe(observer: InputObserver | null): void {
    this.#observer = observer;
    if (this.#mode !== null) observer?.mode(this.#mode);
  }

  /** Types. False, and nothing typed, when more is queued than is kept, or this person only watches. */
  write(bytes: Uint8Array): boolean {
    if (!this.#mayType || !this.#sender.push(bytes)) return false;
    this.#observer?.typed(bytes, this.#sender.end);
    this.#flush();
    this.#keeper?.typed();
    return true;
  }

  /** Whether this person may type now. What was typed and not applied is dropped when not: it would come as a surprise. */
  setMayType(mayType: boolean): void {
    if (mayType === this.#mayType) return;
    this.#mayType = mayType;
    if (mayType) return;
    this.#sender = new InputSender();
    this.#keeper?.replace(this.#sender);
  }

  /** An InputAck frame: everything before its offset was applied. */
  acknowledged(frame: Frame): void {
    this.#sender.ack(frame.offset);
    this.#applied(frame);
  }

  /** An InputResume frame: everything before its offset was applied, and what follows is to be sent (again). */
  resumed(frame: Frame): void {
    this.#sender.resume(frame.offset);
    this.#applied(frame);
  }

  /** What the line discipline does with keys was told. */
  modeTold(mode: TerminalMode): void {
    this.#mode = mode;
    this.#observer?.mode(mode);
  }

  /** Another exchange with the session took so long: a first guess at the round trip. */
  guessRoundTrip(tookMs: number): void {
    this.#roundTrip.guess(tookMs);
  }

  /** The link is down. */
  unlinked(): void {
    this.#sender.disconnected();
    this.#roundTrip.interrupted();
  }

  /** Keeps what is pending in the store now: the page may go any moment. */
  keep(): void {
    this.#keeper?.flush();
  }

  /** The terminal has ended: nothing is kept for it any more. */
  forget(): void {
    this.#keeper?.forget();
  }

  /** Keeps nothing more; what is kept stays. */
  dispose(): void {
    this.#keeper?.stop();
  }

  #applied(frame: Frame): void {
    this.#roundTrip.applied(frame.offset, performance.now());
    const output = decodeOffset(frame.payload);
    if (output !== null) this.#observer?.applied(frame.offset, output);
    this.#keeper?.applied();
    this.#flush();
  }

  #flush(): void {
    for (let chunk = this.#sender.next(); chunk !== null; chunk = this.#sender.next()) {
      this.#port.sendFrame(encodeFrame({ kind: FrameKind.Input, channel: this.#channel, ...chunk }));
      this.#roundTrip.sent(chunk.offset + chunk.payload.length, performance.now());
    }
  }
}
