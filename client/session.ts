import type { TerminalExit, TerminalSize } from '../protocol/messages/session.ts';
import type { SharedState } from '../protocol/sync/shared-state.ts';
import { type Wait, within } from './deadline.ts';
import type { Listener } from './emitter.ts';
import { SessionError } from './errors.ts';
import type { SessionClient } from './session-client.ts';
import type { SessionEvents } from './session-events.ts';
import { Terminal, TerminalFeed } from './terminal.ts';
import type { TerminalSink } from './stream-port.ts';
import { DEFAULT_COLS, DEFAULT_ROWS } from '../protocol/limits.ts';

/** How to open a terminal. */
export interface OpenOptions extends Wait {
  /** Program and arguments; the login shell when absent. */
  command?: string[];
  size?: TerminalSize;
  title?: string;
  /** Draws the terminal (the xterm.js add-on has one); its output is not for {@link Terminal.output} then. */
  sink?: TerminalSink;
}

/**
 * A session as a program has it: the reconnecting {@link SessionClient} with terminals that can be read, awaited and
 * called off. Leave it with {@link close}.
 */
export class Session {
  /** What does the work; for those who draw or need every message. */
  readonly client: SessionClient;
  readonly #feeds = new Set<TerminalFeed>();
  /** The one that hears of each terminal now. */
  readonly #heard = new Map<number, TerminalFeed>();

  constructor(client: SessionClient) {
    this.client = client;
    client.on('connection', (state) => {
      if (state.kind !== 'ended') return;
      for (const feed of this.#feeds) feed.end(new SessionError('ended', state.reason));
      this.#feeds.clear();
    });
    client.on('error', (error) => {
      if (error.code !== 'terminal-not-found' || error.channel === null) return;
      this.#heard.get(error.channel)?.end(error);
    });
  }

  get id(): string {
    return this.client.sessionId;
  }

  /** What all clients of the session have in common, the same everywhere. Null only before the first welcome. */
  get state(): SharedState | null {
    return this.client.state;
  }

  on<Name extends keyof SessionEvents>(
    name: Name,
    listener: Listener<SessionEvents[Name]>,
    options: { signal?: AbortSignal | undefined } = {},
  ): () => void {
    return this.client.on(name, listener, options);
  }

  /** Opens a terminal. Rejects with {@link SessionError}: what the session says against it, or that no answer came. */
  async open(options: OpenOptions = {}): Promise<Terminal> {
    const { command, title, size = { cols: DEFAULT_COLS, rows: DEFAULT_ROWS }, sink } = options;
    const { connection } = this.client;
    if (connection.kind === 'ended') throw new SessionError('ended', connection.reason);
    const feed = this.#feed(sink);
    const request = {
      size,
      ...(command === undefined ? {} : { command }),
      ...(title === undefined ? {} : { title }),
    };
    // One that comes after nobody wants it any more is closed.
    const unwanted = (stream: { channel: number }): void => this.client.closeTerminal(stream.channel);
    const opened = this.client.open(request, feed.sink);
    const stream = await within(opened, 'terminal', options, unwanted);
    this.#hears(stream.channel, feed);
    return new Terminal(this.client, stream, feed);
  }

  /**
   * Attaches to a terminal there is; an exact screen comes first. Whoever in this session had it before hears no more of it.
   * Where there is none, `exited` rejects with the code `terminal-not-found`.
   */
  attach(channel: number, options: { sink?: TerminalSink } = {}): Terminal {
    const feed = this.#feed(options.sink);
    this.#hears(channel, feed);
    return new Terminal(this.client, this.client.attach(channel, feed.sink), feed);
  }

  /** Runs a program to its end. Out: what it printed (at most `maxBytes`) and how it ended. Called off, it is closed. */
  async run(
    command: string[],
    options: Omit<OpenOptions, 'command' | 'sink'> & { maxBytes?: number } = {},
  ): Promise<TerminalExit & { output: string }> {
    const terminal = await this.open({ ...options, command });
    try {
      const ended = Promise.all([terminal.text(options.maxBytes), terminal.exited]);
      const [output, exit] = await within(ended, 'end of the program', {
        timeoutMs: RUN_TIMEOUT_MS,
        ...options,
      });
      return { ...exit, output };
    } catch (error) {
      terminal.close();
      throw error;
    }
  }

  /** Leaves. The session and its terminals go on. */
  close(): void {
    this.client.close();
  }

  #hears(channel: number, feed: TerminalFeed): void {
    this.#heard.get(channel)?.end(new SessionError('ended', 'You attached to this terminal anew.', channel));
    this.#heard.set(channel, feed);
    const forget = (): void => {
      if (this.#heard.get(channel) === feed) this.#heard.delete(channel);
    };
    feed.exit.promise.then(forget, forget);
  }

  #feed(sink: TerminalSink | undefined): TerminalFeed {
    const feed = new TerminalFeed(sink);
    this.#feeds.add(feed);
    const forget = (): void => void this.#feeds.delete(feed);
    feed.exit.promise.then(forget, forget);
    return feed;
  }
}

/** Longest run of a program unless told otherwise. */
const RUN_TIMEOUT_MS = 600_000;
