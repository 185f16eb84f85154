import { openBrowserSocket } from '../../client/browser-socket.ts';
import type { ConnectionState } from '../../client/connection.ts';
import { SessionClient } from '../../client/session-client.ts';
import { clientIdIn, forgetClientId, inputStoreIn } from '../../client/storage.ts';
import { MAX_SCROLL_LINES } from '../../protocol/limits.ts';
import type { Focus, TerminalExit } from '../../protocol/messages/session.ts';
import type { SessionToViewer } from '../../protocol/messages/viewer.ts';
import type { SharedState } from '../../protocol/sync/shared-state.ts';
import { api } from '../app/api.ts';
import { isWatching, setWatching } from '../app/router.ts';
import { addTab, EMPTY_LAYOUT, focus, type Layout, reconcile, remove, split } from '../layout/layout.ts';
import type { TerminalView } from '../terminal/terminal-view.ts';
import { listenToPage } from './page-events.ts';
import { ALONE, Together, type TogetherState } from './together.ts';
import { loadLayout, saveLayout, tabStorage } from './page-storage.ts';
import { TerminalViews } from './terminal-views.ts';

/** What is on the page of one session. Replaced, never changed, so that React sees what is new. */
export interface SessionState {
  connection: ConnectionState;
  /** The connection was lost and came back; shown for a moment. */
  resumed: boolean;
  /** What all clients have in common; null before the first welcome. */
  shared: SharedState | null;
  /** Who else is here, and own role. */
  together: TogetherState;
  /** This page only watches, whatever its person may do. */
  watching: boolean;
  layout: Layout;
  titles: Readonly<Record<number, string>>;
  exits: Readonly<Record<number, TerminalExit>>;
  /** Terminals asked for that are not there yet. */
  opening: number;
  notice: string | null;
}

const RESUMED_SHOWN_MS = 2_500;
/** Said to who presses a key where they may not type. */
const READ_ONLY = 'You only watch here, so nothing was typed.';
/** Size of a terminal that has no place on the page yet. */
const FIRST_SIZE = { cols: 80, rows: 24 };

/** One session on the page: its client, its terminals, and how they are arranged. Lives outside React. */
export class SessionStore {
  readonly sessionId: string;
  readonly #views = new TerminalViews({
    titled: (channel, title) => this.#set({ titles: { ...this.#state.titles, [channel]: title } }),
    exited: (channel, exit) => this.#set({ exits: { ...this.#state.exits, [channel]: exit } }),
    focused: (channel) => {
      if (this.#state.layout.focused !== channel) this.setLayout(focus(this.#state.layout, channel));
    },
    key: (typed) => {
      this.together.unfollow();
      if (!typed) this.#set({ notice: READ_ONLY });
    },
    scrolled: () => this.#tellFocus(),
    notice: (notice) => this.#set({ notice }),
  });
  readonly together = new Together({
    client: () => this.#client,
    channels: () => this.views.keys(),
    changed: (together) => this.#togetherChanged(together),
    lookAt: (focus) => this.#lookAt(focus),
  });
  #client: SessionClient;
  #state: SessionState;
  readonly #listeners = new Set<() => void>();
  #everWelcomed = false;
  #resumedTimer: ReturnType<typeof setTimeout> | null = null;
  #stopListening: (() => void) | null = null;

  /** Nothing happens before {@link start}. */
  constructor(sessionId: string) {
    this.sessionId = sessionId;
    this.#state = {
      ...{ connection: { kind: 'connecting', attempt: 0 }, resumed: false, shared: null },
      ...{
        together: ALONE,
        watching: isWatching(),
        layout: loadLayout(sessionId) ?? EMPTY_LAYOUT,
        titles: {},
        exits: {},
      },
      ...{ opening: 0, notice: null },
    };
    this.#client = this.#makeClient();
  }

  /** The terminals on the page, by channel. */
  get views(): ReadonlyMap<number, TerminalView> {
    return this.#views.byChannel;
  }

  /** Connects. Undone by {@link dispose}. */
  start(): void {
    this.#stopListening = listenToPage({
      online: () => this.#client.connectNow(),
      offline: () => this.#client.drop(),
      leaving: () => this.#client.keepInput(),
      visible: (visible) => {
        for (const view of this.views.values()) view.fitNow();
        if (!visible) return;
        this.#client.connectNow();
        this.#client.check();
      },
      lookedAt: () => this.#client.check(),
    });
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
    const view = this.#views.make(() => channel);
    this.#set({ opening: this.#state.opening + 1 });
    try {
      const stream = await this.#client.open({ size: near?.measure() ?? FIRST_SIZE }, view.sink);
      channel = stream.channel;
      this.#views.add(view, stream);
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
    this.#views.close(channel);
    const { [channel]: _exit, ...exits } = this.#state.exits;
    this.#set({ exits });
    this.setLayout(remove(this.#state.layout, channel));
  }

  /** Arranges terminals anew. Looking elsewhere ends following somebody. */
  setLayout(layout: Layout): void {
    if (layout.focused !== this.#state.layout.focused) this.together.unfollow();
    this.#arrange(layout);
  }

  /** Only watches from now on, or does again all its person may. */
  watchOnly(watching: boolean): void {
    setWatching(watching);
    this.#set({ watching });
    this.#reopen();
  }

  dismissNotice(): void {
    this.#set({ notice: null });
  }

  /** Tries to connect now. After an end for good: starts anew, as another client. */
  retry(): void {
    if (this.#state.connection.kind !== 'ended') return this.#client.connectNow();
    this.#reopen();
  }

  dispose(): void {
    this.#client.keepInput();
    this.#stopListening?.();
    if (this.#resumedTimer !== null) clearTimeout(this.#resumedTimer);
    this.together.dispose();
    this.#client.close();
    this.#views.clear();
  }

  /** Starts anew, as another client. */
  #reopen(): void {
    forgetClientId(tabStorage, this.sessionId);
    this.#client.close();
    this.#views.clear();
    this.together.reset();
    this.#everWelcomed = false;
    this.#set({ exits: {} });
    this.#client = this.#makeClient();
    this.#client.connectNow();
  }

  #arrange(layout: Layout): void {
    this.#set({ layout });
    saveLayout(this.sessionId, layout);
    this.#tellFocus();
  }

  #togetherChanged(together: TogetherState): void {
    this.#set({ together });
    for (const [channel, view] of this.views) view.setForeign(together.sizedBy[channel] !== undefined);
  }

  /** Tells the others what has the keyboard here, and how far it is scrolled up. */
  #tellFocus(): void {
    const channel = this.#state.layout.focused;
    const view = channel === null ? undefined : this.views.get(channel);
    const lines = Math.min(MAX_SCROLL_LINES, view?.scrollLines ?? 0);
    this.together.looksAt(channel === null ? null : { channel, scrollLines: lines });
  }

  /** Somebody who is followed looks at this. */
  #lookAt({ channel, scrollLines }: Focus): void {
    const { layout } = this.#state;
    if (layout.focused !== channel) this.#arrange(focus(layout, channel));
    this.views.get(channel)?.scrollTo(scrollLines);
  }

  #makeClient(): SessionClient {
    const client: SessionClient = new SessionClient(
      {
        ...{ api, sessionId: this.sessionId, openSocket: openBrowserSocket, device: 'browser' },
        ...{
          clientId: clientIdIn(tabStorage, this.sessionId),
          inputStore: inputStoreIn(tabStorage, this.sessionId),
        },
        ...(isWatching() ? { role: 'viewer' as const } : {}),
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
    this.together.message(message);
    if (message.type === 'error') this.#set({ notice: message.detail });
    if (message.type !== 'welcome') return;
    this.#tellFocus();
    const empty = this.#state.layout.tabs.length === 0 && this.#state.opening === 0;
    if (empty && message.role !== 'viewer') void this.open();
  }

  /** Shows every terminal that runs, also those that somebody else opened; keeps those that ended until dismissed. */
  #reconcile(): void {
    const { shared, opening, layout } = this.#state;
    // One that is being opened here gets its place from `open`.
    if (shared === null || opening > 0) return;
    for (const channel of this.#views.missing(shared)) this.#adopt(channel);
    const next = reconcile(layout, [...this.views.keys()]);
    if (JSON.stringify(next) !== JSON.stringify(layout)) this.#arrange(next);
  }

  #adopt(channel: number): void {
    const view = this.#views.make(() => channel);
    this.#views.add(view, this.#client.attach(channel, view.sink, null));
  }

  #set(change: Partial<SessionState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
