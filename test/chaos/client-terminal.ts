import type { ScreenSnapshot, SessionClient, TerminalSink, TerminalStream } from '../../client/index.ts';
import { VIEWER_LAG_BYTES } from '../../protocol/limits.ts';
import type { TerminalExit, TerminalSize } from '../../protocol/messages/session.ts';
import type { Look, Report, TerminalStatus } from './client-messages.ts';
import { ClientScreen } from './client-screen.ts';
import { isForetold, screenIsExact } from './screen-check.ts';
import { classify, firstDifference } from './truth.ts';
import { TypingLog } from './typing-log.ts';
import { inputOf, outputOf, type TerminalSpec } from './world.ts';

/** One terminal as one client has it: every byte that comes is compared with what belongs there. */
export class ClientTerminal {
  readonly spec: TerminalSpec;
  readonly sink: TerminalSink = {
    output: (bytes, consumed, end) => this.#output(bytes, consumed, end),
    screen: (screen, consumed) => this.#screen(screen, consumed),
    resized: ({ cols, rows }) => {
      this.#size = { cols, rows };
      this.#shown?.resized(this.#size);
      this.#changed();
    },
    exited: (exit) => {
      this.#exit = exit;
      this.#changed();
    },
  };
  channel: number | null = null;
  /** The terminal's size has been the same for all output from here on; null: not known. */
  steadyFrom: number | null = 0;
  /** What a page would show; of a terminal whose bytes mean something. */
  readonly #shown: ClientScreen | null;
  readonly #input: ReturnType<typeof inputOf> | null;
  readonly #log: TypingLog;
  readonly #tell: (report: Report) => void;
  readonly #changed: () => void;
  readonly #delayMs: () => number;
  readonly #truth: ReturnType<typeof outputOf>;
  #stream: TerminalStream | null = null;
  #typed: number;
  #received = 0;
  #checkedBytes = 0;
  #toldPending = 0;
  #asked = false;
  #broken = false;
  #size = { cols: 80, rows: 24 };
  #exit: TerminalExit | null = null;
  /** Size of this client's window on the terminal, once it has one. */
  #window: TerminalSize | null = null;

  constructor(
    spec: TerminalSpec,
    typist: number | null,
    directory: string,
    events: { tell: (report: Report) => void; changed: () => void; delayMs: () => number },
  ) {
    this.spec = spec;
    this.#tell = events.tell;
    this.#changed = events.changed;
    this.#delayMs = events.delayMs;
    this.#truth = outputOf(spec);
    this.#shown = spec.style === 'lines' ? new ClientScreen() : null;
    this.#input = typist === null ? null : inputOf(spec, typist);
    this.#log = new TypingLog(directory, spec.id);
    this.#log.close();
    this.#typed = this.#log.read().reduce((sum, { bytes }) => sum + bytes, 0);
  }

  bind(stream: TerminalStream): void {
    this.#stream = stream;
    this.channel = stream.channel;
    if (this.#window !== null) stream.resize(this.#window);
    this.#changed();
  }

  /** Attaches: at `offset`, or with a screen first. */
  attach(client: SessionClient, channel: number, offset: number | null): void {
    this.#asked = offset === null;
    this.#received = offset ?? 0;
    this.bind(client.attach(channel, this.sink, offset));
  }

  type(bytes: number): void {
    if (this.#input === null || this.#stream === null) return;
    this.#log.begin(bytes);
    const taken = this.#stream.write(this.#input.bytes(this.#typed, bytes));
    this.#log.end(taken);
    if (taken) this.#typed += bytes;
    this.#changed();
  }

  /** Its window has this size now, and with `take` is to be the one whose size counts. */
  resize({ cols, rows }: TerminalSize, take: boolean): void {
    this.#window = { cols, rows };
    this.#stream?.resize(this.#window);
    if (take) this.#stream?.takeSize();
  }

  /** What a page would show now; no lines of a terminal of random bytes. */
  async look(): Promise<Look> {
    const shown = (await this.#shown?.look()) ?? { ...this.#size, lines: [] };
    return { offset: this.#received, ...shown };
  }

  dispose(): void {
    this.#shown?.dispose();
  }

  /** Reports anew if what is pending has changed. */
  lookAtPending(): void {
    if ((this.#stream?.pendingInputBytes ?? 0) !== this.#toldPending) this.#changed();
  }

  status(): { status: TerminalStatus; checkedBytes: number } {
    const checkedBytes = this.#checkedBytes;
    this.#checkedBytes = 0;
    const pendingInputBytes = this.#stream?.pendingInputBytes ?? 0;
    this.#toldPending = pendingInputBytes;
    const status = { terminal: this.spec.id, received: this.#received, pendingInputBytes, ...this.#size };
    return { status: { ...status, exit: this.#exit }, checkedBytes };
  }

  #output(bytes: Uint8Array, consumed: () => void, end: number): void {
    const got = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    // Of a terminal whose sandbox is gone there is no screen, only the last bytes.
    if (this.#asked && this.#stream !== null) this.#received = this.#stream.offset - got.length;
    this.#asked = false;
    const difference = this.#broken
      ? -1
      : firstDifference(got, this.#truth.bytes(this.#received, got.length));
    if (difference !== -1) {
      this.#broken = true;
      const wrong = classify(this.#truth, this.#received + difference, got.subarray(difference));
      this.#tell({ is: 'fault', terminal: this.spec.id, ...wrong });
    }
    this.#received += got.length;
    this.#checkedBytes += got.length;
    this.#shown?.output(bytes, end);
    const delayMs = this.#delayMs();
    if (delayMs === 0) consumed();
    else setTimeout(consumed, delayMs);
    this.#changed();
  }

  #screen(screen: ScreenSnapshot, consumed: () => void): void {
    const skippedBytes = screen.offset - this.#received;
    const asked = this.#asked;
    this.#asked = false;
    this.#received = screen.offset;
    this.#size = { cols: screen.cols, rows: screen.rows };
    this.#shown?.screen(screen);
    const checked = this.spec.style === 'lines' && isForetold(screen.offset, this.steadyFrom);
    this.#tell({ is: 'screen', terminal: this.spec.id, asked, checked, skippedBytes });
    consumed();
    this.#changed();
    if (!asked && skippedBytes < VIEWER_LAG_BYTES) {
      const detail = `a screen came in place of ${skippedBytes} bytes that were still kept`;
      this.#tell({ is: 'fault', terminal: this.spec.id, fault: 'lost', detail });
    }
    if (!checked) return;
    void screenIsExact(this.#truth, screen).then((difference) => {
      if (difference === null) return;
      this.#tell({ is: 'fault', terminal: this.spec.id, fault: 'screen', detail: difference });
    });
  }
}
