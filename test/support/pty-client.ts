import { createHash } from 'node:crypto';
import { Api, SessionClient, type TerminalSink, type TerminalStream } from '../../client/index.ts';
import { openNodeSocket } from '../../client/node-socket.ts';
import type { TerminalExit } from '../../protocol/messages/session.ts';
import type { Target } from './api.ts';
import { until, within } from './deadline.ts';
import { Screen } from './screen.ts';

const CONNECT_TIMEOUT_MS = 20_000;
const DEFAULT_TIMEOUT_MS = 15_000;

/** What to do with received bytes besides showing them. */
type Keep = 'all' | 'hash' | 'nothing';

/** How a test opens or attaches to a terminal. */
export interface ViewOptions {
  cols?: number;
  rows?: number;
  command?: string[];
  /** `all` (default) remembers every byte; `hash` only their hash, and shows nothing. */
  keep?: Keep;
}

/** A person without a window: our own client library, and a headless screen per terminal. */
export class PtyClient {
  readonly client: SessionClient;
  /** Times the connection came back after it was lost. */
  reconnects = -1;

  private constructor(target: Target, sessionId: string, connected: () => void) {
    this.client = new SessionClient(
      { api: new Api(target.url, target.token), sessionId, openSocket: openNodeSocket },
      {
        state: (state) => {
          if (state.kind !== 'connected') return;
          this.reconnects += 1;
          connected();
        },
      },
    );
    this.client.connectNow();
  }

  /** Connects and waits for the welcome. */
  static async connect(target: Target, sessionId: string): Promise<PtyClient> {
    const connected = Promise.withResolvers<undefined>();
    const viewer = new PtyClient(target, sessionId, () => connected.resolve(undefined));
    await within(connected.promise, CONNECT_TIMEOUT_MS, 'a welcome');
    return viewer;
  }

  /** Opens a terminal, 80x24 unless told otherwise. */
  async open(options: ViewOptions): Promise<RemoteTerminal> {
    const size = { cols: options.cols ?? 80, rows: options.rows ?? 24 };
    const terminal = new RemoteTerminal(this.client, size, options.keep ?? 'all');
    const command = options.command === undefined ? {} : { command: options.command };
    const opened = this.client.open({ size, ...command }, terminal.sink);
    terminal.bind(await within(opened, DEFAULT_TIMEOUT_MS, 'a terminal to open'));
    return terminal;
  }

  /** Attaches to a terminal there is, with an exact screen first. */
  attach(channel: number, options: ViewOptions = {}): RemoteTerminal {
    const size = { cols: options.cols ?? 80, rows: options.rows ?? 24 };
    const terminal = new RemoteTerminal(this.client, size, options.keep ?? 'all');
    terminal.bind(this.client.attach(channel, terminal.sink));
    return terminal;
  }

  close(): void {
    this.client.close();
  }
}

/** One terminal as its viewer has it. */
export class RemoteTerminal {
  readonly screen: Screen;
  readonly sink: TerminalSink = {
    output: (bytes, consumed) => this.#output(bytes, consumed),
    screen: (snapshot, consumed) => {
      this.snapshots += 1;
      void this.screen.restore(snapshot.cols, snapshot.rows, snapshot.bytes).then(consumed);
    },
    // In order with the output, which the emulator parses later.
    resized: ({ cols, rows }) => void this.screen.write('', () => this.screen.terminal.resize(cols, rows)),
    exited: (exit) => this.#exit.resolve(exit),
  };
  /** Screens received in place of bytes. */
  snapshots = 0;
  readonly #client: SessionClient;
  readonly #keep: Keep;
  readonly #hash = createHash('sha256');
  readonly #received: Buffer[] = [];
  readonly #exit = Promise.withResolvers<TerminalExit>();
  readonly #waiting = new Set<() => void>();
  #stream: TerminalStream | null = null;

  constructor(client: SessionClient, size: { cols: number; rows: number }, keep: Keep) {
    this.#client = client;
    this.#keep = keep;
    this.screen = new Screen(size.cols, size.rows);
    // A real terminal answers queries; so must this one.
    this.screen.terminal.onData((answer) => this.type(answer));
  }

  bind(stream: TerminalStream): void {
    this.#stream = stream;
  }

  get channel(): number {
    return this.#bound().channel;
  }

  /** Output bytes received, as an absolute offset. */
  get offset(): number {
    return this.#bound().offset;
  }

  /** All bytes received, with `keep: 'all'`. */
  received(): Buffer {
    return Buffer.concat(this.#received);
  }

  /** Hash of all bytes received. */
  sha256(): string {
    return this.#hash.copy().digest('hex');
  }

  /** Types and waits until the terminal has it. From then on keys go out at once, whether or not answers can come. */
  async typeThrough(keys: string): Promise<void> {
    this.type(keys);
    const isThrough = (): boolean => this.#bound().pendingInputBytes === 0;
    await until(isThrough, DEFAULT_TIMEOUT_MS, 'the keys to be applied');
  }

  type(keys: string): void {
    this.#bound().write(Buffer.from(keys));
  }

  resize(cols: number, rows: number): void {
    this.#bound().resize({ cols, rows });
  }

  /** Ends the program. */
  close(): void {
    this.#client.closeTerminal(this.channel);
  }

  /** Waits for the end; it comes after the last byte was shown. */
  async exit(timeoutMs = DEFAULT_TIMEOUT_MS): Promise<TerminalExit> {
    const exit = await within(this.#exit.promise, timeoutMs, 'the terminal to end');
    await this.screen.write('');
    return exit;
  }

  /** Waits until the output has reached an absolute offset. */
  async waitForBytes(offset: number, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<void> {
    const reached = Promise.withResolvers<undefined>();
    const look = (): void => {
      if (this.offset >= offset) reached.resolve(undefined);
    };
    this.#waiting.add(look);
    look();
    try {
      await within(reached.promise, timeoutMs, `byte ${offset} of the output (now at ${this.offset})`);
    } finally {
      this.#waiting.delete(look);
    }
  }

  #output(bytes: Uint8Array, consumed: () => void): void {
    if (this.#keep !== 'nothing') this.#hash.update(bytes);
    if (this.#keep === 'all') this.#received.push(Buffer.from(bytes));
    if (this.#keep === 'hash') consumed();
    else void this.screen.write(Buffer.from(bytes)).then(consumed);
    // The stream counts these bytes as received once this returns.
    queueMicrotask(() => {
      for (const look of [...this.#waiting]) look();
    });
  }

  #bound(): TerminalStream {
    if (this.#stream === null) throw new Error('The terminal is not open yet.');
    return this.#stream;
  }
}
