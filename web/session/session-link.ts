import { openBrowserSocket } from '../../client/browser-socket.ts';
import type { ConnectionState } from '../../client/connection.ts';
import { SessionClient } from '../../client/session-client.ts';
import { clientIdIn, forgetClientId, inputStoreIn } from '../../client/storage.ts';
import type { SessionToViewer } from '../../protocol/messages/viewer.ts';
import type { SharedState } from '../../protocol/sync/shared-state.ts';
import { api } from '../app/api.ts';
import { isWatching } from '../app/router.ts';
import { tabStorage } from './page-storage.ts';

/** How the page's connection to its session does. Replaced, never changed. */
export interface LinkState {
  connection: ConnectionState;
  /** The connection was lost and came back; shown for a moment. */
  resumed: boolean;
}

export const CONNECTING: LinkState = { connection: { kind: 'connecting', attempt: 0 }, resumed: false };

/** What {@link SessionLink} tells the page. */
export interface LinkPort {
  changed(state: LinkState): void;
  shared(shared: SharedState): void;
  message(message: SessionToViewer): void;
}

const RESUMED_SHOWN_MS = 2_500;

/** The page's client of its session, or another one in its place: whatever a former client still says is not heard. */
export class SessionLink {
  readonly #sessionId: string;
  readonly #port: LinkPort;
  #client: SessionClient;
  #state = CONNECTING;
  #everWelcomed = false;
  #resumedTimer: ReturnType<typeof setTimeout> | null = null;

  /** Connects by `client.connectNow()`, not before. */
  constructor(sessionId: string, port: LinkPort) {
    this.#sessionId = sessionId;
    this.#port = port;
    this.#client = this.#makeClient();
  }

  get client(): SessionClient {
    return this.#client;
  }

  get hasEnded(): boolean {
    return this.#state.connection.kind === 'ended';
  }

  /** Puts another client in the place of this one, which ends. What was typed and not applied goes with it. */
  renew(): void {
    forgetClientId(tabStorage, this.#sessionId);
    this.#client.close();
    this.#everWelcomed = false;
    this.#client = this.#makeClient();
  }

  /** Leaves for good; what was typed and not applied is kept for the tab's next page. */
  dispose(): void {
    this.#client.keepInput();
    if (this.#resumedTimer !== null) clearTimeout(this.#resumedTimer);
    this.#client.close();
  }

  #makeClient(): SessionClient {
    const client: SessionClient = new SessionClient(
      {
        ...{ api, sessionId: this.#sessionId, openSocket: openBrowserSocket, device: 'browser' },
        clientId: clientIdIn(tabStorage, this.#sessionId),
        inputStore: inputStoreIn(tabStorage, this.#sessionId),
        ...(isWatching() ? { role: 'viewer' as const } : {}),
      },
      {
        state: (connection) => {
          if (client === this.#client) this.#connectionChanged(connection);
        },
        changed: (shared) => {
          if (client === this.#client) this.#port.shared(shared);
        },
        message: (message) => {
          if (client === this.#client) this.#port.message(message);
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
    this.#resumedTimer = setTimeout(() => this.#set({ ...this.#state, resumed: false }), RESUMED_SHOWN_MS);
  }

  #set(state: LinkState): void {
    this.#state = state;
    this.#port.changed(state);
  }
}
