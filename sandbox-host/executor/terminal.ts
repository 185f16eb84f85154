import { OUTPUT_WINDOW_BYTES, REPLAY_RING_BYTES } from '../../protocol/limits.ts';
import type { HostTerminal, QuietTerminal } from '../../protocol/messages/host.ts';
import type { TerminalExit, TerminalSize } from '../../protocol/messages/session.ts';
import { OutputCredit } from '../../protocol/stream/credit.ts';
import { type Frame, MAX_PAYLOAD_BYTES } from '../../protocol/stream/frame.ts';
import { ByteRing } from '../../protocol/stream/ring.ts';
import { SizeHistory } from '../../protocol/stream/size-history.ts';
import type { SpawnPlan } from '../drivers/driver.ts';
import type { Link } from './link.ts';
import { ModeProbe } from './mode-probe.ts';
import { ModeWatch } from './mode-watch.ts';
import { Pty } from './pty.ts';
import { Screen } from './screen.ts';
import { TerminalInput } from './terminal-input.ts';

/** Output the screen may be behind before the PTY waits for it, as for any other reader. The ring holds more. */
const SCREEN_LAG_BYTES = REPLAY_RING_BYTES - 256 * 1024;
/**
 * Output goes at once until so much went within {@link COALESCE_MS}; what follows is gathered up to a full frame. Frame
 * size decides throughput all the way, and a PTY gives at most 4 KiB at a time.
 */
const IMMEDIATE_BYTES = 2 * 1024;
const COALESCE_MS = 2;
/** Carriage return and the control keys that make signals or end input: what runs after them may set another mode. */
const ENDS_LINE = new Set([0x03, 0x04, 0x0a, 0x0d, 0x1a, 0x1c]);
/** Longest input looked through for them; a paste is not. */
const MAX_SCANNED_BYTES = 64;
/** A link with so much still to be read gets no more: a program that runs free of credit must not fill the memory. */
const MAX_LINK_BYTES = 2 * OUTPUT_WINDOW_BYTES;

/** One for every terminal of this process. */
const probe = new ModeProbe();

/** One terminal: its program, the newest output, where each input stream stands, and the link it is followed on. */
export class ExecutorTerminal {
  readonly channel: number;
  readonly #pty: Pty;
  readonly #ring = new ByteRing(REPLAY_RING_BYTES);
  readonly #sizes = new SizeHistory();
  readonly #credit = new OutputCredit();
  readonly #input: TerminalInput;
  readonly #screen: Screen;
  readonly #mode: ModeWatch;
  readonly #onExit: () => void;
  readonly #onUnlinked: () => void;
  #size: TerminalSize;
  #exit: TerminalExit | null = null;
  #link: Link | null = null;
  /** Everything before it was sent on the link. */
  #sent = 0;
  /** Runs while output may have to be gathered. */
  #gather: NodeJS.Timeout | null = null;
  /** Output up to here goes at once. */
  #immediateUntil = 0;
  /** A full frame went since the last gathering, so that what waits now has not waited long. */
  #flooding = false;
  #stall: NodeJS.Timeout | null = null;
  #reason: 'exited' | 'closed' | 'lost' = 'exited';

  /**
   * Starts the program. Throws when it cannot be started. `onExit` is called once, after the exit was sent; `onUnlinked`
   * when it printed and no link follows it.
   */
  constructor(
    channel: number,
    plan: SpawnPlan,
    size: TerminalSize,
    onExit: () => void,
    onUnlinked: () => void = () => undefined,
  ) {
    this.channel = channel;
    this.#size = size;
    this.#onExit = onExit;
    this.#onUnlinked = onUnlinked;
    this.#screen = new Screen(size, this.#ring, () => this.#regulate());
    this.#pty = new Pty(plan, size, {
      onOutput: (bytes) => this.#onOutput(bytes),
      onExit: (exitCode) => this.#ended(exitCode),
    });
    this.#input = new TerminalInput({
      ...{ channel, pty: this.#pty, link: () => this.#link, outputEnd: () => this.#ring.end },
      typed: (bytes) => this.#watchMode(bytes),
    });
    this.#mode = new ModeWatch(
      () => probe.read(this.#pty.path),
      () => this.#tellMode(this.#link),
    );
  }

  get running(): boolean {
    return this.#exit === null;
  }

  /** Grows whenever there is something to tell: output, or the end. */
  get progress(): number {
    return this.#ring.end + (this.running ? 0 : 1);
  }

  /** Where it stands, for a session that is quiet. */
  quiet(): QuietTerminal {
    return { channel: this.channel, outputOffset: this.#ring.end, inputs: this.#input.all() };
  }

  info(): HostTerminal {
    return {
      channel: this.channel,
      running: this.running,
      ...this.#size,
      outputOffset: this.#ring.end,
      ringOffset: this.#replayableFrom,
      exit: this.#exit,
    };
  }

  /** Oldest output that is kept with all its sizes. */
  get #replayableFrom(): number {
    return Math.max(this.#ring.start, this.#sizes.from);
  }

  /** Output flows on this link from now on, starting with what `offset` lacks (or a screen, if it is too old). */
  async follow(link: Link, offset: number): Promise<void> {
    this.#link = null;
    if (offset < this.#replayableFrom || offset > this.#ring.end) {
      const { screen, at } = await this.#snapshot();
      link.snapshot(this.channel, 0, at, screen);
      this.#link = link;
      return this.#sendFrom(at);
    }
    this.#link = link;
    this.#sendFrom(offset);
  }

  /** The link is gone; the program goes on, within its credit. */
  unfollow(link: Link): void {
    if (this.#link === link) this.#link = null;
  }

  async sendSnapshot(link: Link, request: number): Promise<void> {
    const { screen, at } = await this.#snapshot();
    link.snapshot(this.channel, request, at, screen);
  }

  /** Everything before `offset` was consumed at the other end. */
  ack(offset: number): void {
    this.#credit.ack(offset, performance.now());
    this.#regulate();
  }

  /** Applies an Input frame once, in order, and answers on the link. */
  input(frame: Frame, link: Link): void {
    if (this.#exit === null) this.#input.accept(frame, link);
  }

  /** Tells the line discipline, once it is known. */
  syncMode(link: Link): void {
    this.#tellMode(link);
    this.#mode.poke();
  }

  /** Tells where an input stream stands. */
  syncInput(link: Link, stream: number): void {
    this.#input.sync(link, stream);
  }

  resize(size: TerminalSize): void {
    if (this.#exit !== null) return;
    this.#size = size;
    this.#pty.resize(size);
    this.#screen.resize(size);
    this.#flush();
    const offset = this.#ring.end;
    this.#sizes.add({ offset, ...size });
    this.#sizes.dropBefore(this.#ring.start);
    this.#link?.send({ type: 'terminal.resized', channel: this.channel, ...size, offset });
  }

  /** Hangs the program up. `lost`: its sandbox is gone. */
  close(reason: 'closed' | 'lost'): void {
    if (this.#exit !== null) return;
    this.#reason = reason;
    this.#pty.hangUp();
  }

  /** Forgets everything; only for one that has exited. */
  dispose(): void {
    if (this.#gather !== null) clearTimeout(this.#gather);
    this.#screen.dispose();
  }

  #onOutput(bytes: Buffer): void {
    this.#mode.poke();
    this.#ring.append(bytes);
    this.#credit.produce(this.#ring.end, performance.now());
    if (this.#gather === null) {
      this.#immediateUntil = this.#ring.end + IMMEDIATE_BYTES;
      this.#gather = setTimeout(() => this.#gathered(), COALESCE_MS);
      this.#flush();
    } else if (this.#ring.end <= this.#immediateUntil) this.#flush();
    else if (this.#ring.end - this.#sent >= MAX_PAYLOAD_BYTES) {
      this.#flooding = true;
      this.#flush(MAX_PAYLOAD_BYTES);
    }
    this.#screen.grew();
    this.#regulate();
    if (this.#link === null) this.#onUnlinked();
  }

  /** A link that is down learns it when the next one follows. */
  #tellMode(link: Link | null): void {
    const mode = this.#mode.current;
    if (mode !== null && this.#exit === null)
      link?.send({ type: 'terminal.mode', channel: this.channel, mode, offset: this.#ring.end });
  }

  #watchMode(typed: Uint8Array): void {
    if (typed.length <= MAX_SCANNED_BYTES && typed.some((byte) => ENDS_LINE.has(byte)))
      this.#mode.expectChange();
    else this.#mode.poke();
  }

  #gathered(): void {
    const more = this.#link !== null && this.#sent < this.#ring.end;
    this.#gather = more ? setTimeout(() => this.#gathered(), COALESCE_MS) : null;
    if (!this.#flooding) this.#flush();
    this.#flooding = false;
  }

  /**
   * Sends the output that was not sent yet, as far as the link takes it, in frames of at least so many bytes; the rest
   * follows with the gathering. What the ring has meanwhile dropped is a gap for the receiver, who asks for a replay and
   * gets a screen.
   */
  #flush(leastBytes = 1): void {
    while (this.#link !== null && this.#ring.end - this.#sent >= leastBytes) {
      if (this.#link.bufferedBytes > MAX_LINK_BYTES) {
        this.#gather ??= setTimeout(() => this.#gathered(), COALESCE_MS);
        return;
      }
      this.#sent = Math.max(this.#sent, this.#ring.start);
      this.#sent += this.#link.output(this.channel, this.#sent, this.#ring);
    }
  }

  #sendFrom(offset: number): void {
    this.#sent = offset;
    const changes = this.#sizes.since(offset);
    this.#link?.send({ type: 'terminal.sizes', channel: this.channel, offset, changes });
    this.#flush();
    this.#tellMode(this.#link);
    if (this.#exit !== null)
      this.#link?.send({ type: 'terminal.exited', channel: this.channel, exit: this.#exit });
  }

  async #snapshot(): Promise<{ screen: Awaited<ReturnType<Screen['snapshot']>>; at: number }> {
    // The screen answers behind everything written so far, which is exactly up to this offset. Receivers of the
    // stream are brought there first, so that a screen is never ahead of it.
    this.#flush();
    const at = this.#ring.end;
    return { screen: await this.#screen.snapshot(), at };
  }

  /** Reads the PTY or not, by credit and by the screen's lag, and keeps the timer that ends a stall. */
  #regulate(): void {
    if (this.#exit !== null) return;
    if (this.#credit.paused || this.#screen.lagBytes > SCREEN_LAG_BYTES) this.#pty.pause();
    else this.#pty.resume();
    const deadlineMs = this.#credit.deadlineMs;
    if (deadlineMs === null) {
      if (this.#stall !== null) clearTimeout(this.#stall);
      this.#stall = null;
      return;
    }
    this.#stall ??= setTimeout(
      () => {
        this.#stall = null;
        this.#credit.tick(performance.now());
        this.#regulate();
      },
      Math.max(1, deadlineMs - performance.now()),
    );
  }

  #ended(exitCode: number | null): void {
    if (this.#stall !== null) clearTimeout(this.#stall);
    this.#mode.dispose();
    this.#flush();
    this.#exit = { offset: this.#ring.end, exitCode, signal: null, reason: this.#reason };
    this.#link?.send({ type: 'terminal.exited', channel: this.channel, exit: this.#exit });
    this.#onExit();
  }
}
