import type {
  Focus,
  Participant,
  Role,
  SessionEvent,
  TerminalInfo,
  TerminalSize,
} from '../protocol/messages/session.ts';
import { SessionToViewer, type ViewerToSession } from '../protocol/messages/viewer.ts';
import { decodeFrame } from '../protocol/stream/frame.ts';
import type { SharedState } from '../protocol/sync/shared-state.ts';
import type { Api } from './api.ts';
import { Connection, type ConnectionState } from './connection.ts';
import { Emitter, type Listener } from './emitter.ts';
import { SessionError } from './errors.ts';
import type { InputStore } from './input-keeper.ts';
import { People } from './people.ts';
import type { OpenSocket } from './socket.ts';
import { StateFollower } from './state-follower.ts';
import { type StreamPort, type TerminalSink, TerminalStream } from './terminal-stream.ts';

/** What to open a terminal with. */
export interface OpenTerminal {
  size: TerminalSize;
  title?: string;
  command?: string[];
}

/** What a session tells, by name. */
export interface SessionEvents {
  /** Where the connection stands. */
  connection: [state: ConnectionState];
  /** The shared state is another one; `events` say how it became so, and are none when it came whole. */
  changed: [state: SharedState, events: readonly SessionEvent[]];
  /** Who is here. */
  participants: [participants: Participant[]];
  /** What this client may do. */
  role: [role: Role];
  /** Something was refused, or failed, that nobody waits for. */
  error: [error: SessionError];
  /** Every control message, after the client itself has dealt with it. */
  message: [message: SessionToViewer];
}

/** Listeners given at once; every member may be absent. */
export interface SessionListener {
  state?(state: ConnectionState): void;
  changed?(state: SharedState, events: readonly SessionEvent[]): void;
  message?(message: SessionToViewer): void;
}

/** Messages that say who is here. */
const PRESENCE: ReadonlySet<SessionToViewer['type']> = new Set(['welcome', 'participants', 'presence']);

interface PendingOpen {
  message: Extract<ViewerToSession, { type: 'terminal.open' }>;
  sink: TerminalSink;
  resolve(stream: TerminalStream): void;
  reject(error: Error): void;
}

/**
 * One session, over a connection that comes back by itself: terminals resume where they were, typed bytes are kept
 * until they were applied, requests not yet answered are asked again.
 */
export class SessionClient {
  readonly sessionId: string;
  readonly clientId: string;
  /** Who else is here. */
  readonly people = new People();
  readonly #events = new Emitter<SessionEvents>();
  readonly #inputStore: InputStore | null;
  readonly #connection: Connection;
  readonly #port: StreamPort;
  readonly #streams = new Map<number, TerminalStream>();
  readonly #opening = new Map<string, PendingOpen>();
  #device: string | undefined;
  #state: ConnectionState = { kind: 'connecting', attempt: 0 };
  readonly #follower: StateFollower;
  #role: Role | null = null;
  #focus: Focus | null = null;
  #welcomed = false;

  constructor(
    options: {
      api: Api;
      sessionId: string;
      openSocket: OpenSocket;
      /** Names this client's input streams; the same one again replaces the older connection. */
      clientId?: string;
      /** What this device calls itself to others, e.g. `browser`. */
      device?: string;
      /** Do no more than this role may, e.g. only watch; not above one's own. */
      role?: Role;
      /** Keeps typed bytes for the next client with this `clientId`; without it they go with this one. */
      inputStore?: InputStore;
    },
    listener: SessionListener = {},
  ) {
    this.sessionId = options.sessionId;
    this.clientId = options.clientId ?? crypto.randomUUID();
    this.#device = options.device;
    if (listener.state !== undefined) this.on('connection', (state) => listener.state?.(state));
    if (listener.changed !== undefined) this.on('changed', (...told) => listener.changed?.(...told));
    if (listener.message !== undefined) this.on('message', (message) => listener.message?.(message));
    this.#inputStore = options.inputStore ?? null;
    this.#port = {
      send: (message) => {
        if (this.#welcomed) this.#connection.send(JSON.stringify(message));
      },
      sendFrame: (bytes) => {
        if (this.#welcomed) this.#connection.send(bytes);
      },
    };
    this.#follower = new StateFollower({
      ask: (question) => this.#port.send(question),
      changed: (state, events) => this.#changed(state, events),
    });
    this.#connection = new Connection(
      {
        getTicket: () => options.api.createTicket(this.sessionId, options.role),
        openSocket: options.openSocket,
      },
      {
        opened: () => this.#hello(),
        text: (text) => this.#text(text),
        bytes: (bytes) => this.#bytes(bytes),
        lost: () => this.#lost(),
        state: (state) => this.#changeState(state),
      },
    );
  }

  /** Calls `listener` at every event of that name. Out: a function that ends it; `signal` ends it as well. */
  on<Name extends keyof SessionEvents>(
    name: Name,
    listener: Listener<SessionEvents[Name]>,
    options: { signal?: AbortSignal | undefined } = {},
  ): () => void {
    return this.#events.on(name, listener, options);
  }

  get connection(): ConnectionState {
    return this.#state;
  }

  /** What all clients of the session have in common, the same everywhere; null before the first welcome. */
  get state(): SharedState | null {
    return this.#follower.state;
  }

  /** Version of {@link state}; 0 before the first welcome. */
  get version(): number {
    return this.#follower.version;
  }

  /** Asks whether {@link state} is the newest; whatever was missed follows. */
  check(): void {
    this.#port.send({ type: 'sync.check' });
  }

  /** What this client may do, as last announced; null before the first welcome. */
  get role(): Role | null {
    return this.#role;
  }

  /** Tells the others what this person looks at; told again after every reconnect. Null: nothing. */
  lookAt(focus: Focus | null): void {
    this.#focus = focus;
    this.#port.send({ type: 'focus', focus });
  }

  /** Starts connecting; or, later, tries again at once (the network is back, the laptop woke). */
  connectNow(): void {
    this.#connection.connectNow();
  }

  /** Drops the connection as a lost network would; it comes back by itself. */
  drop(): void {
    this.#connection.drop();
  }

  /** Keeps in the store what was typed and not applied yet; call when the page may go. */
  keepInput(): void {
    for (const stream of this.#streams.values()) stream.keepInput();
  }

  /** Leaves. Terminals go on; what was typed and not applied is lost unless it was kept. */
  close(): void {
    for (const stream of this.#streams.values()) stream.dispose();
    this.#connection.end('You left.');
  }

  /** Opens a terminal and attaches to it from its first byte. Rejects with what the session says against it. */
  open(request: OpenTerminal, sink: TerminalSink): Promise<TerminalStream> {
    const requestId = crypto.randomUUID();
    const message = { type: 'terminal.open', requestId, ...request } as const;
    return new Promise((resolve, reject) => {
      this.#opening.set(requestId, { message, sink, resolve, reject });
      this.#port.send(message);
    });
  }

  /** Attaches to a terminal: `offset` null for an exact screen first. One stream per channel. */
  attach(channel: number, sink: TerminalSink, offset: number | null = null): TerminalStream {
    this.#streams.get(channel)?.dispose();
    const stream = new TerminalStream(channel, offset, sink, this.#port, this.#inputStore);
    this.#streams.set(channel, stream);
    stream.setMayType(this.#role !== 'viewer');
    stream.linked();
    return stream;
  }

  detach(channel: number): void {
    const stream = this.#streams.get(channel);
    if (stream === undefined) return;
    stream.dispose();
    this.#streams.delete(channel);
    this.#port.send({ type: 'detach', channel });
  }

  closeTerminal(channel: number): void {
    this.#port.send({ type: 'terminal.close', channel });
  }

  #hello(): void {
    const hello: ViewerToSession = {
      type: 'hello',
      clientId: this.clientId,
      version: this.#follower.version,
      ...(this.#device === undefined ? {} : { device: this.#device }),
    };
    this.#connection.send(JSON.stringify(hello));
  }

  #lost(): void {
    this.#welcomed = false;
    for (const stream of this.#streams.values()) stream.unlinked();
  }

  #changeState(state: ConnectionState): void {
    this.#state = state;
    if (state.kind === 'ended') {
      for (const pending of this.#opening.values()) pending.reject(new SessionError('ended', state.reason));
      this.#opening.clear();
    }
    this.#events.emit('connection', state);
  }

  #bytes(bytes: Uint8Array): void {
    const decoded = decodeFrame(bytes);
    // A frame that cannot be read leaves a gap, and gaps heal by themselves.
    if (decoded.ok) this.#streams.get(decoded.frame.channel)?.frame(decoded.frame);
  }

  #text(text: string): void {
    const message = parseServerMessage(text);
    if (message === null) return;
    const known = this.people.apply(message, performance.now());
    if (!known) this.#port.send({ type: 'participants.get' });
    if (PRESENCE.has(message.type)) this.#events.emit('participants', this.people.participants);
    switch (message.type) {
      case 'welcome':
        this.#welcome(message);
        break;
      case 'role':
        this.#changeRole(message.role);
        break;
      case 'event':
        this.#follower.event(message);
        break;
      case 'events':
        this.#follower.events(message);
        break;
      case 'state':
        this.#follower.whole(message);
        break;
      case 'receipt.wanted':
        this.#port.send({ type: 'receipt', position: message.position });
        break;
      case 'attached':
        this.#streams.get(message.channel)?.attached(message.mode, message.offset, message.terminal);
        break;
      case 'terminal.opened':
        this.#opened(message.requestId, message.terminal);
        break;
      case 'terminal.resized':
        this.#streams
          .get(message.channel)
          ?.resized(message.offset, { cols: message.cols, rows: message.rows });
        break;
      case 'terminal.mode':
        this.#streams.get(message.channel)?.modeTold(message.mode);
        break;
      case 'terminal.exited':
        this.#streams.get(message.channel)?.exited(message.exit);
        break;
      case 'error':
        this.#failed(message);
        break;
      default:
        break;
    }
    this.#events.emit('message', message);
  }

  #welcome(message: Extract<SessionToViewer, { type: 'welcome' }>): void {
    this.#welcomed = true;
    this.#changeRole(message.role);
    for (const stream of this.#streams.values()) stream.linked();
    for (const pending of this.#opening.values()) this.#port.send(pending.message);
    if (this.#focus !== null) this.#port.send({ type: 'focus', focus: this.#focus });
    this.#follower.welcome(message);
    this.#connection.settled();
  }

  #changeRole(role: Role): void {
    if (role !== this.#role) this.#events.emit('role', role);
    this.#role = role;
    for (const stream of this.#streams.values()) stream.setMayType(role !== 'viewer');
  }

  #changed(state: SharedState, events: readonly SessionEvent[]): void {
    for (const stream of this.#streams.values()) {
      const terminal = state.terminals[stream.channel];
      if (terminal !== undefined) stream.updated(terminal);
    }
    this.#events.emit('changed', state, events);
  }

  #opened(requestId: string, terminal: TerminalInfo): void {
    const pending = this.#opening.get(requestId);
    if (pending === undefined) return;
    this.#opening.delete(requestId);
    pending.resolve(this.attach(terminal.channel, pending.sink, 0));
  }

  #failed({ requestId, code, detail, channel }: Extract<SessionToViewer, { type: 'error' }>): void {
    const error = new SessionError(code, detail, channel ?? null);
    const pending = requestId === undefined ? undefined : this.#opening.get(requestId);
    if (requestId === undefined || pending === undefined) return this.#events.emit('error', error);
    this.#opening.delete(requestId);
    pending.reject(error);
  }
}

/** The message, or null for what a newer edge may say and this client does not know. The socket bounds its size. */
function parseServerMessage(text: string): SessionToViewer | null {
  try {
    return SessionToViewer.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
