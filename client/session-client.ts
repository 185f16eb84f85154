import type { Focus, Role, SessionEvent } from '../protocol/messages/session.ts';
import type { SessionToViewer, ViewerToSession } from '../protocol/messages/viewer.ts';
import type { SharedState } from '../protocol/sync/shared-state.ts';
import type { Api } from './api.ts';
import { AttachedStreams } from './attached-streams.ts';
import { Connection, type ConnectionState } from './connection.ts';
import { Emitter, type Listener } from './emitter.ts';
import { SessionError } from './errors.ts';
import type { InputStore } from './input-keeper.ts';
import { OpenRequests, type OpenTerminal } from './open-requests.ts';
import { People } from './people.ts';
import { parseServerMessage, tellsPresence } from './server-message.ts';
import { addListener, type SessionEvents, type SessionListener } from './session-events.ts';
import type { OpenSocket } from './socket.ts';
import { StateFollower } from './state-follower.ts';
import type { StreamPort, TerminalSink } from './stream-port.ts';
import type { TerminalStream } from './terminal-stream.ts';

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
  readonly #connection: Connection;
  readonly #port: StreamPort;
  readonly #streams: AttachedStreams;
  readonly #opening = new OpenRequests();
  readonly #device: string | undefined;
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
    addListener(this.#events, listener);
    this.#port = {
      send: (message) => {
        if (this.#welcomed) this.#connection.send(JSON.stringify(message));
      },
      sendFrame: (bytes) => {
        if (this.#welcomed) this.#connection.send(bytes);
      },
    };
    this.#streams = new AttachedStreams(this.#port, options.inputStore ?? null);
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
        bytes: (bytes) => this.#streams.bytes(bytes),
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
    this.#streams.keepInput();
  }

  /** Leaves. Terminals go on; what was typed and not applied is lost unless it was kept. */
  close(): void {
    this.#streams.dispose();
    this.#connection.end('You left.');
  }

  /** Opens a terminal and attaches to it from its first byte. Rejects with what the session says against it. */
  open(request: OpenTerminal, sink: TerminalSink): Promise<TerminalStream> {
    const { message, opened } = this.#opening.add(request, sink);
    this.#port.send(message);
    return opened;
  }

  /** Attaches to a terminal: `offset` null for an exact screen first. One stream per channel. */
  attach(channel: number, sink: TerminalSink, offset: number | null = null): TerminalStream {
    return this.#streams.attach(channel, sink, offset);
  }

  detach(channel: number): void {
    this.#streams.detach(channel);
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
    this.#streams.unlinked();
  }

  #changeState(state: ConnectionState): void {
    this.#state = state;
    if (state.kind === 'ended') this.#opening.ended(state.reason);
    this.#events.emit('connection', state);
  }

  #text(text: string): void {
    const message = parseServerMessage(text);
    if (message === null) return;
    const known = this.people.apply(message, performance.now());
    if (!known) this.#port.send({ type: 'participants.get' });
    if (tellsPresence(message)) this.#events.emit('participants', this.people.participants);
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
      case 'terminal.opened':
        this.#opening.opened(message.requestId, message.terminal, (channel, opened) =>
          this.attach(channel, opened, 0),
        );
        break;
      case 'error':
        this.#failed(message);
        break;
      default:
        this.#streams.message(message);
        break;
    }
    this.#events.emit('message', message);
  }

  #welcome(message: Extract<SessionToViewer, { type: 'welcome' }>): void {
    this.#welcomed = true;
    this.#changeRole(message.role);
    this.#streams.linked();
    for (const request of this.#opening.messages) this.#port.send(request);
    if (this.#focus !== null) this.#port.send({ type: 'focus', focus: this.#focus });
    this.#follower.welcome(message);
    this.#connection.settled();
  }

  #changeRole(role: Role): void {
    if (role !== this.#role) this.#events.emit('role', role);
    this.#role = role;
    this.#streams.setMayType(role !== 'viewer');
  }

  #changed(state: SharedState, events: readonly SessionEvent[]): void {
    this.#streams.updated(state);
    this.#events.emit('changed', state, events);
  }

  #failed(message: Extract<SessionToViewer, { type: 'error' }>): void {
    const error = new SessionError(message.code, message.detail, message.channel ?? null);
    const { code, detail, channel, requestId } = message;
    if (requestId === undefined && channel === undefined) this.#connection.explain({ code, detail });
    if (!this.#opening.failed(message, error)) this.#events.emit('error', error);
  }
}
