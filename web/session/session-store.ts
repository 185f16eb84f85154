import {
  clientIdIn,
  type ConnectionState,
  forgetClientId,
  inputStoreIn,
  openBrowserSocket,
  SessionClient,
  type SharedState,
  terminalsOf,
} from '../../client/index.ts';
import type { Participant, TerminalExit } from '../../protocol/messages/session.ts';
import type { SessionToViewer } from '../../protocol/messages/viewer.ts';
import { api } from '../app/api.ts';
import { addTab, EMPTY_LAYOUT, focus, type Layout, reconcile, remove, split } from '../layout/layout.ts';
import { TerminalView } from '../terminal/terminal-view.ts';
import { loadLayout, saveLayout, tabStorage } from './page-storage.ts';

/** What is on the page of one session. Replaced, never changed, so that React sees what is new. */
export interface SessionState {
  connection: ConnectionState;
  /** The connection was lost and came back; shown for a moment. */
  resumed: boolean;
  /** What all clients have in common; null before the first welcome. */
  shared: SharedState | null;
  participants: Participant[];
  layout: Layout;
  titles: Readonly<Record<number, string>>;
  exits: Readonly<Record<number, TerminalExit>>;
  /** Terminals asked for that are not there yet. */
  opening: number;
  notice: string | null;
}

/** While somebody looks, what the page shows is proved to be the newest this often. */
const CHECK_EVERY_MS = 5 * 60_000;
const RESUMED_SHOWN_MS = 2_500;
/** Size of a terminal that has no place on the page yet. */
const FIRST_SIZE = { cols: 80, rows: 24 };

/** One session on the page: its client, its terminals, and how they are arranged. Lives outside React. */
export class SessionStore {
  readonly sessionId: string;
  readonly views = new Map<number, TerminalView>();
  #client: SessionClient;
  #state: SessionState;
  readonly #listeners = new Set<() => void>();
  #everWelcomed = false;
  #resumedTimer: ReturnType<typeof setTimeout> | null = null;
  readonly #teardown: (() => void)[] = [];
  /** Closed here; the session may still list them for a moment. */
  readonly #closed = new Set<number>();

  /** Nothing happens before {@link start}. */
  constructor(sessionId: string) {
    this.sessionId = sessionId;
    this.#state = {
      ...{ connection: { kind: 'connecting', attempt: 0 }, resumed: false, shared: null },
      ...{ participants: [], layout: loadLayout(sessionId) ?? EMPTY_LAYOUT, titles: {}, exits: {} },
      ...{ opening: 0, notice: null },
    };
    this.#client = this.#makeClient();
  }

  /** Connects. Undone by {@link dispose}. */
  start(): void {
    this.#listenToPage();
    this.#client.connectNow();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): SessionState => this.#state;

  /** Opens a terminal: in a new tab, or beside the one that has the keyboard. False when it could not be. */
  async open(place: 'tab' | 'row' | 'column' = 'tab'): Promise<boolean> {
    const beside = this.#state.layout.focused;
    const near = beside === null ? undefined : this.views.get(beside);
    let channel = 0;
    const view = this.#makeView(() => channel);
    this.#set({ opening: this.#state.opening + 1 });
    try {
      const stream = await this.#client.open({ size: near?.measure() ?? FIRST_SIZE }, view.sink);
      channel = stream.channel;
      this.views.set(channel, view);
      view.bind(stream);
      const { layout } = this.#state;
      this.setLayout(
        place === 'tab' || beside === null ? addTab(layout, channel) : split(layout, beside, channel, place),
      );
      return true;
    } catch (error) {
      view.dispose();
      this.#set({ notice: error instanceof Error ? error.message : String(error) });
      return false;
    } finally {
      this.#set({ opening: this.#state.opening - 1 });
      this.#reconcile();
    }
  }

  /** A new shell in the place of one that has ended. */
  async replace(channel: number): Promise<void> {
    this.setLayout(focus(this.#state.layout, channel));
    if (await this.open('row')) this.close(channel);
  }

  /** Closes a terminal; one that has ended only leaves the page. */
  close(channel: number): void {
    if (this.#state.exits[channel] === undefined) this.#client.closeTerminal(channel);
    this.#client.detach(channel);
    this.#closed.add(channel);
    this.views.get(channel)?.dispose();
    this.views.delete(channel);
    const { [channel]: _exit, ...exits } = this.#state.exits;
    this.#set({ exits });
    this.setLayout(remove(this.#state.layout, channel));
  }

  setLayout(layout: Layout): void {
    this.#set({ layout });
    saveLayout(this.sessionId, layout);
  }

  dismissNotice(): void {
    this.#set({ notice: null });
  }

  /** Tries to connect now. After an end for good: starts anew, as another client. */
  retry(): void {
    if (this.#state.connection.kind !== 'ended') return this.#client.connectNow();
    forgetClientId(tabStorage, this.sessionId);
    this.#client.close();
    for (const view of this.views.values()) view.dispose();
    this.views.clear();
    this.#everWelcomed = false;
    this.#set({ exits: {} });
    this.#client = this.#makeClient();
    this.#client.connectNow();
  }

  dispose(): void {
    this.#client.keepInput();
    for (const undo of this.#teardown) undo();
    if (this.#resumedTimer !== null) clearTimeout(this.#resumedTimer);
    this.#client.close();
    for (const view of this.views.values()) view.dispose();
    this.views.clear();
  }

  #makeClient(): SessionClient {
    const client: SessionClient = new SessionClient(
      {
        ...{ api, sessionId: this.sessionId, openSocket: openBrowserSocket },
        ...{
          clientId: clientIdIn(tabStorage, this.sessionId),
          inputStore: inputStoreIn(tabStorage, this.sessionId),
        },
      },
      {
        state: (connection) => {
          if (client === this.#client) this.#connectionChanged(connection);
        },
        changed: (shared) => {
          if (client === this.#client) this.#changed(shared);
        },
        message: (message) => {
          if (client === this.#client) this.#onMessage(message);
        },
      },
    );
    return client;
  }

  #connectionChanged(connection: ConnectionState): void {
    const resumed = connection.kind === 'connected' && this.#everWelcomed;
    if (connection.kind === 'connected') this.#everWelcomed = true;
    this.#set({ connection, resumed });
    if (!resumed) return;
    if (this.#resumedTimer !== null) clearTimeout(this.#resumedTimer);
    this.#resumedTimer = setTimeout(() => this.#set({ resumed: false }), RESUMED_SHOWN_MS);
  }

  #changed(shared: SharedState): void {
    this.#set({ shared });
    this.#reconcile();
  }

  #onMessage(message: SessionToViewer): void {
    switch (message.type) {
      case 'welcome':
        this.#set({ participants: message.participants });
        if (this.#state.layout.tabs.length === 0 && this.#state.opening === 0) void this.open();
        return;
      case 'participants':
      case 'presence':
        return this.#set({ participants: this.#client.people.participants });
      case 'error':
        return this.#set({ notice: message.detail });
      default:
        return;
    }
  }

  /** Shows every terminal that runs, also those that somebody else opened; keeps those that ended until dismissed. */
  #reconcile(): void {
    const { shared, opening, layout } = this.#state;
    // One that is being opened here gets its place from `open`.
    if (shared === null || opening > 0) return;
    for (const { channel, state } of terminalsOf(shared)) {
      if (state !== 'exited' && !this.views.has(channel) && !this.#closed.has(channel)) this.#adopt(channel);
    }
    const next = reconcile(layout, [...this.views.keys()]);
    if (JSON.stringify(next) !== JSON.stringify(layout)) this.setLayout(next);
  }

  #adopt(channel: number): void {
    const view = this.#makeView(() => channel);
    const stream = this.#client.attach(channel, view.sink, null);
    this.views.set(channel, view);
    view.bind(stream);
  }

  #makeView(channel: () => number): TerminalView {
    return new TerminalView({
      title: (title) => this.#set({ titles: { ...this.#state.titles, [channel()]: title } }),
      exited: (exit) => {
        if (this.views.has(channel())) this.#set({ exits: { ...this.#state.exits, [channel()]: exit } });
      },
      focused: () => {
        if (this.#state.layout.focused !== channel()) this.setLayout(focus(this.#state.layout, channel()));
      },
      notice: (notice) => this.#set({ notice }),
    });
  }

  #listenToPage(): void {
    const listen = (target: EventTarget, type: string, handler: () => void): void => {
      target.addEventListener(type, handler);
      this.#teardown.push(() => target.removeEventListener(type, handler));
    };
    listen(window, 'online', () => this.#client.connectNow());
    // Browsers keep a dead socket for minutes; the event is the better judge.
    listen(window, 'offline', () => this.#client.drop());
    listen(window, 'pagehide', () => this.#client.keepInput());
    const check = (): void => {
      if (document.visibilityState === 'visible') this.#client.check();
    };
    listen(document, 'visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#client.connectNow();
      check();
    });
    const timer = setInterval(check, CHECK_EVERY_MS);
    this.#teardown.push(() => clearInterval(timer));
  }

  #set(change: Partial<SessionState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
