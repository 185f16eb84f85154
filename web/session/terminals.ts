import type { SessionClient } from '../../client/session-client.ts';
import { MAX_SCROLL_LINES } from '../../protocol/limits.ts';
import type { Focus, TerminalExit } from '../../protocol/messages/session.ts';
import { type SharedState, terminalsOf } from '../../protocol/sync/shared-state.ts';
import { addTab, EMPTY_LAYOUT, focus, type Layout, reconcile, remove, split } from '../layout/layout.ts';
import { TerminalView } from '../terminal/terminal-view.ts';
import { loadLayout, saveLayout } from './page-storage.ts';

/** The terminals on the page. Replaced, never changed. */
export interface TerminalsState {
  layout: Layout;
  titles: Readonly<Record<number, string>>;
  exits: Readonly<Record<number, TerminalExit>>;
  /** Terminals asked for that are not there yet. */
  opening: number;
}

/** What {@link Terminals} needs of the page. */
export interface TerminalsPort {
  client(): SessionClient;
  changed(state: TerminalsState): void;
  /** This page looks at something else now, or further up. */
  looksAt(focus: Focus | null): void;
  /** The person looks elsewhere, or types, by themselves. */
  leads(): void;
  notice(text: string): void;
}

/** Said to who presses a key where they may not type. */
const READ_ONLY = 'You only watch here, so nothing was typed.';
/** Size of a terminal that has no place on the page yet. */
const FIRST_SIZE = { cols: 80, rows: 24 };

/** The terminals of the session as this page shows them: one view each, and how they are arranged. */
export class Terminals {
  readonly views = new Map<number, TerminalView>();
  readonly #sessionId: string;
  readonly #port: TerminalsPort;
  #state: TerminalsState;
  #shared: SharedState | null = null;
  /** Closed here; the session may still list them for a moment. */
  readonly #closed = new Set<number>();

  constructor(sessionId: string, port: TerminalsPort) {
    this.#sessionId = sessionId;
    this.#port = port;
    const layout = loadLayout(sessionId) ?? EMPTY_LAYOUT;
    this.#state = { layout, titles: {}, exits: {}, opening: 0 };
  }

  get state(): TerminalsState {
    return this.#state;
  }

  /** The one that has the keyboard. */
  get focused(): TerminalView | undefined {
    const { focused } = this.#state.layout;
    return focused === null ? undefined : this.views.get(focused);
  }

  /** Opens a terminal: in a new tab, or beside the one that has the keyboard. False when it could not be. */
  async open(place: 'tab' | 'row' | 'column' = 'tab'): Promise<boolean> {
    const beside = this.#state.layout.focused;
    const size = this.focused?.measure() ?? FIRST_SIZE;
    let channel = 0;
    const view = this.#makeView(() => channel);
    this.#set({ opening: this.#state.opening + 1 });
    try {
      const stream = await this.#port.client().open({ size }, view.sink);
      channel = stream.channel;
      this.views.set(channel, view);
      view.bind(stream);
      const { layout } = this.#state;
      const isApart = place === 'tab' || beside === null;
      this.arrange(isApart ? addTab(layout, channel) : split(layout, beside, channel, place));
      return true;
    } catch (error) {
      view.dispose();
      this.#port.notice(error instanceof Error ? error.message : String(error));
      return false;
    } finally {
      this.#set({ opening: this.#state.opening - 1 });
      this.#reconcile();
    }
  }

  /** A new shell in the place of one that has ended. */
  async replace(channel: number): Promise<void> {
    this.arrange(focus(this.#state.layout, channel));
    if (await this.open('row')) this.close(channel);
  }

  /** Closes a terminal; one that has ended only leaves the page. */
  close(channel: number): void {
    const client = this.#port.client();
    if (this.#state.exits[channel] === undefined) client.closeTerminal(channel);
    client.detach(channel);
    this.#closed.add(channel);
    this.views.get(channel)?.dispose();
    this.views.delete(channel);
    const { [channel]: _exit, ...exits } = this.#state.exits;
    this.#set({ exits });
    this.arrange(remove(this.#state.layout, channel));
  }

  /** Arranges terminals as the person asks. */
  arrange(layout: Layout): void {
    if (layout.focused !== this.#state.layout.focused) this.#port.leads();
    this.#place(layout);
  }

  /** Shows what somebody else looks at. */
  lookAt({ channel, scrollLines }: Focus): void {
    const { layout } = this.#state;
    if (layout.focused !== channel) this.#place(focus(layout, channel));
    this.views.get(channel)?.scrollTo(scrollLines);
  }

  /** Takes in what runs in the session. */
  listed(shared: SharedState): void {
    this.#shared = shared;
    this.#reconcile();
  }

  /** Tells what has the keyboard here, and how far it is scrolled up. */
  tellFocus(): void {
    const channel = this.#state.layout.focused;
    const scrollLines = Math.min(MAX_SCROLL_LINES, this.focused?.scrollLines ?? 0);
    this.#port.looksAt(channel === null ? null : { channel, scrollLines });
  }

  /** Gives up all views, which are made anew for another client; their places stay. */
  reset(): void {
    this.dispose();
    this.#set({ exits: {} });
  }

  dispose(): void {
    for (const view of this.views.values()) view.dispose();
    this.views.clear();
  }

  #place(layout: Layout): void {
    this.#set({ layout });
    saveLayout(this.#sessionId, layout);
    this.tellFocus();
  }

  /** Shows every terminal that runs, also those that somebody else opened; keeps those that ended until dismissed. */
  #reconcile(): void {
    const { opening, layout } = this.#state;
    // One that is being opened here gets its place from `open`.
    if (this.#shared === null || opening > 0) return;
    for (const { channel, state } of terminalsOf(this.#shared)) {
      if (state !== 'exited' && !this.views.has(channel) && !this.#closed.has(channel)) this.#adopt(channel);
    }
    const next = reconcile(layout, [...this.views.keys()]);
    if (JSON.stringify(next) !== JSON.stringify(layout)) this.#place(next);
  }

  #adopt(channel: number): void {
    const view = this.#makeView(() => channel);
    const stream = this.#port.client().attach(channel, view.sink, null);
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
        if (this.#state.layout.focused !== channel()) this.arrange(focus(this.#state.layout, channel()));
      },
      key: (typed) => {
        this.#port.leads();
        if (!typed) this.#port.notice(READ_ONLY);
      },
      scrolled: () => this.tellFocus(),
      notice: (text) => this.#port.notice(text),
    });
  }

  #set(change: Partial<TerminalsState>): void {
    this.#state = { ...this.#state, ...change };
    this.#port.changed(this.#state);
  }
}
