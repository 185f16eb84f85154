import type { Role } from '../protocol/messages/session.ts';
import { Api } from './api.ts';
import type { FetchFunction } from './api-transport.ts';
import { openBrowserSocket } from './browser-socket.ts';
import { type Wait, within } from './deadline.ts';
import { SessionError } from './errors.ts';
import { Session } from './session.ts';
import { SessionClient } from './session-client.ts';
import type { OpenSocket } from './socket.ts';
import type { TokenSource } from './token-source.ts';
import { type ClientStorage, clientIdIn, inputStoreIn } from './storage.ts';

/** Where and as whom to connect. */
export interface ConnectOptions extends Wait {
  /** Of the edge, e.g. `https://edge.example`. */
  url: string;
  /** An access token, or where they come from; null (the default): the browser's cookie says who asks. */
  token?: string | TokenSource | null;
  /** Id of a session; absent: a new one is made. */
  session?: string;
  /** Name of the session to make. */
  name?: string;
  /** Do no more than this role may, e.g. only watch. */
  role?: Role;
  /** What this program calls itself to others in the session. */
  device?: string;
  /**
   * Keeps the client's identity and typed bytes not yet applied, so that the next life of this program goes on where this one
   * ended. One storage serves one running client of a session.
   */
  storage?: ClientStorage;
  /** How WebSockets are opened; the platform's own by default. */
  openSocket?: OpenSocket;
  /** In place of the platform's `fetch`, e.g. that of a service binding. */
  fetch?: FetchFunction;
}

/**
 * Connects to a session, or to a new one, and waits until it is there. Throws ApiError when the API says no,
 * {@link SessionError} when the connection ends for good or nothing happens in time.
 */
export async function connect(options: ConnectOptions): Promise<Session> {
  const api = new Api(options.url, options.token ?? null, options.fetch);
  const { name, storage, role, device } = options;
  const sessionId =
    options.session ?? (await api.createSession(name === undefined ? {} : { name }, crypto.randomUUID())).id;
  const client = new SessionClient({
    ...{ api, sessionId, openSocket: options.openSocket ?? openBrowserSocket },
    ...(role === undefined ? {} : { role }),
    ...(device === undefined ? {} : { device }),
    ...(storage === undefined
      ? {}
      : { clientId: clientIdIn(storage, sessionId), inputStore: inputStoreIn(storage, sessionId) }),
  });
  const connected = new Promise<void>((resolve, reject) => {
    client.on('connection', (state) => {
      if (state.kind === 'connected') resolve();
      if (state.kind === 'ended') reject(new SessionError('ended', state.reason));
    });
  });
  client.connectNow();
  try {
    await within(connected, 'welcome from the session', options);
    return new Session(client);
  } catch (error) {
    client.close();
    throw error;
  }
}
