import type { Role } from '../../protocol/messages/session.ts';
import type { SessionToViewer } from '../../protocol/messages/viewer.ts';
import type { SharedState } from '../../protocol/sync/shared-state.ts';
import { isWatching, setWatching } from '../app/router.ts';
import { listenToPage } from './page-events.ts';
import { CONNECTING, SessionLink, type LinkState } from './session-link.ts';
import { Terminals, type TerminalsState } from './terminals.ts';
import { ALONE, Together, type TogetherState } from './together.ts';

/** What is on the page of one session. Replaced, never changed, so that React sees what is new. */
export interface SessionState extends LinkState, TerminalsState {
  /** What all clients have in common; null before the first welcome. */
  shared: SharedState | null;
  /** Who else is here, and own role. */
  together: TogetherState;
  /** This page only watches, whatever its person may do. */
  watching: boolean;
  notice: string | null;
}

/**
 * One session on the page: its connection, its terminals and who is there, each of which keeps its own part of the state
 * and knows nothing of the others. Lives outside React.
 */
export class SessionStore {
  readonly sessionId: string;
  readonly terminals: Terminals;
  readonly together: Together;
  readonly #link: SessionLink;
  #state: SessionState;
  readonly #listeners = new Set<() => void>();
  #stopListening: (() => void) | null = null;

  /** Nothing happens before {@link start}. */
  constructor(sessionId: string) {
    this.sessionId = sessionId;
    this.#link = new SessionLink(sessionId, {
      changed: (state) => this.#set(state),
      shared: (shared) => {
        this.#set({ shared });
        this.terminals.listed(shared);
      },
      message: (message) => this.#onMessage(message),
    });
    const client = () => this.#link.client;
    this.terminals = new Terminals(sessionId, {
      client,
      changed: (state) => this.#set(state),
      looksAt: (focus) => this.together.looksAt(focus),
      leads: () => this.together.unfollow(),
      notice: (notice) => this.#set({ notice }),
    });
    this.together = new Together({
      client,
      channels: () => this.terminals.views.keys(),
      changed: (together) => this.#togetherChanged(together),
      lookAt: (focus) => this.terminals.lookAt(focus),
    });
    this.#state = {
      ...{ ...CONNECTING, ...this.terminals.state, shared: null, together: ALONE },
      ...{ watching: isWatching(), notice: null },
    };
  }

  /** Connects. Undone by {@link dispose}. */
  start(): void {
    this.#stopListening = listenToPage({
      online: () => this.#link.client.connectNow(),
      offline: () => this.#link.client.drop(),
      leaving: () => this.#link.client.keepInput(),
      visible: (visible) => {
        for (const view of this.terminals.views.values()) view.fitNow();
        if (!visible) return;
        this.#link.client.connectNow();
        this.#link.client.check();
      },
      lookedAt: () => this.#link.client.check(),
    });
    this.#link.client.connectNow();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): SessionState => this.#state;

  /** Only watches from now on, or does again all its person may. */
  watchOnly(watching: boolean): void {
    setWatching(watching);
    this.#set({ watching });
    this.#startAnew();
  }

  dismissNotice(): void {
    this.#set({ notice: null });
  }

  /** Tries to connect now. After an end for good: starts anew, as another client. */
  retry(): void {
    if (this.#link.hasEnded) this.#startAnew();
    else this.#link.client.connectNow();
  }

  dispose(): void {
    this.#stopListening?.();
    this.together.dispose();
    this.#link.dispose();
    this.terminals.dispose();
  }

  #startAnew(): void {
    this.#link.renew();
    this.terminals.reset();
    this.together.reset();
    this.#link.client.connectNow();
  }

  #onMessage(message: SessionToViewer): void {
    this.together.message(message);
    if (message.type === 'error') this.#set({ notice: message.detail });
    if (message.type === 'welcome') this.#welcomed(message.role);
  }

  /** Whoever comes to a session without terminals gets one, if they may. */
  #welcomed(role: Role): void {
    this.terminals.tellFocus();
    const { layout, opening } = this.#state;
    if (layout.tabs.length === 0 && opening === 0 && role !== 'viewer') void this.terminals.open();
  }

  #togetherChanged(together: TogetherState): void {
    this.#set({ together });
    for (const [channel, view] of this.terminals.views)
      view.setForeign(together.sizedBy[channel] !== undefined);
  }

  #set(change: Partial<SessionState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
