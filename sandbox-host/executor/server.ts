import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type WebSocket from 'ws';
import { CloseCode } from '../../protocol/close-codes.ts';
import { KEEPALIVE_PONG } from '../../protocol/limits.ts';
import { parseMessage } from '../../protocol/messages/codec.ts';
import { SessionToHost } from '../../protocol/messages/host.ts';
import { Epoch, SessionId } from '../../protocol/messages/session.ts';
import { decodeFrame } from '../../protocol/stream/frame.ts';
import type { SandboxDriver } from '../drivers/driver.ts';
import type { Logger } from '../shared/log.ts';
import { TUNNEL_HEADERS, TUNNEL_UPGRADE, TunnelTarget } from '../shared/tunnel.ts';
import type { SessionNews } from '../shared/session-news.ts';
import { openEdgeSocket } from './edge-socket.ts';
import { EndedSessions } from './ended-sessions.ts';
import { Feed } from './feed.ts';
import { Link } from './link.ts';
import { QuietWatch } from './quiet-watch.ts';
import { ExecutorSession } from './session.ts';

/** A session as the door needs it, see {@link ExecutorSession}. */
export type ServedSession = {
  [Member in Exclude<keyof ExecutorSession, 'epoch'>]: ExecutorSession[Member];
} & { epoch: number };

/** Settings of an executor. */
export interface ExecutorOptions {
  /** A session through which nothing went for so long offers to give its link back. */
  restAfterMs?: number;
  /** Makes what holds a session's sandbox and terminals. `onChange`: it wants a link, or its sandbox is gone. */
  createSession?: (sessionId: string, onChange: () => void) => ServedSession;
}

/** A connection that ended without a word (RFC 6455, section 7.4.1). */
const ABNORMAL_CLOSURE = 1006;

/** Path and query of what is asked of one session. */
interface SessionTarget {
  sessionId: string;
  epoch: number;
  action: string;
}

/**
 * The executor's door, for hosts that know its token: health, the list of sessions, the feed of those without a link,
 * stopping one, and tunnels, each of which carries one session's socket to its actor.
 */
export class ExecutorServer {
  readonly #token: Buffer;
  readonly #driver: SandboxDriver;
  readonly #log: Logger;
  readonly #createSession: NonNullable<ExecutorOptions['createSession']>;
  readonly #quiet: QuietWatch;
  readonly #feed = new Feed();
  readonly #sessions = new Map<string, ServedSession>();
  /** By session; there is at most one. */
  readonly #sockets = new Map<string, WebSocket>();
  readonly #ended = new EndedSessions(this.#sessions, (id) => this.#sockets.has(id));
  readonly #http: Server;

  constructor(token: string, driver: SandboxDriver, log: Logger, options: ExecutorOptions = {}) {
    this.#token = Buffer.from(`Bearer ${token}`);
    this.#driver = driver;
    this.#log = log;
    this.#createSession =
      options.createSession ?? ((id, changed) => new ExecutorSession(id, driver, log, changed));
    this.#quiet = new QuietWatch(() => this.#sessions, options.restAfterMs);
    this.#http = createServer((request, response) => {
      if (request.url === '/v1/feed' && this.#allowed(request)) {
        const unlinked = [...this.#sessions.values()].filter(
          ({ sessionId }) => !this.#sockets.has(sessionId),
        );
        return this.#feed.follow(response, unlinked.map(newsOf));
      }
      void this.#answer(request)
        .catch((error: unknown): [number, unknown] => {
          log.error({ detail: String(error) }, 'could not do what a host asked');
          return [500, { error: 'it failed; the log says why' }];
        })
        .then(([status, body]) =>
          response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
        );
    });
    this.#http.on('upgrade', (request, socket, head) => {
      const refusal = this.#tunnel(request, socket, head);
      if (refusal !== null) socket.end(`HTTP/1.1 ${refusal}\r\nconnection: close\r\n\r\n`);
    });
  }

  /** Listens on a unix socket. Rejects when it cannot. */
  listen(path: string): Promise<void> {
    this.#quiet.start();
    this.#ended.start();
    return new Promise((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(path, () => resolve());
    });
  }

  /** Stops every sandbox, keeps the workspaces, and closes the door. */
  async close(): Promise<void> {
    this.#quiet.stop();
    this.#ended.stop();
    this.#feed.close();
    for (const socket of this.#sockets.values()) socket.close(CloseCode.GoingAway);
    await Promise.allSettled([...this.#sessions.values()].map((session) => session.stop()));
    await this.#driver.close();
    this.#http.close();
    this.#http.closeAllConnections();
  }

  async #answer(request: IncomingMessage): Promise<[number, unknown]> {
    if (!this.#allowed(request)) return [401, { error: 'unauthenticated' }];
    const { method, url } = request;
    if (method === 'GET' && url === '/health') return [200, { status: 'ok', driver: this.#driver.name }];
    if (method === 'GET' && url === '/v1/sessions') {
      const sessions = [...this.#sessions.values()].map(({ sessionId, epoch, incarnation }) => ({
        ...{ sessionId, epoch, incarnation },
        running: incarnation !== null,
      }));
      return [200, sessions];
    }
    const target = sessionTarget(url ?? '');
    if (method === 'POST' && target?.action === 'suspend') return this.#suspend(target);
    return [404, { error: 'not found' }];
  }

  async #suspend({ sessionId, epoch }: SessionTarget): Promise<[number, unknown]> {
    const session = this.#sessions.get(sessionId);
    if (session !== undefined && epoch < session.epoch) return [409, { error: 'stale epoch' }];
    this.#sockets.get(sessionId)?.close(CloseCode.Normal);
    await session?.stop();
    if (session !== undefined) this.#changed(session);
    return [200, { status: 'suspended' }];
  }

  #allowed(request: IncomingMessage): boolean {
    const given = Buffer.from(request.headers.authorization ?? '');
    return given.length === this.#token.length && timingSafeEqual(given, this.#token);
  }

  /** Takes a tunnel; or answers, as an HTTP status line, why not. */
  #tunnel(request: IncomingMessage, socket: Duplex, head: Buffer): string | null {
    if (!this.#allowed(request)) return '401 Unauthorized';
    const target = sessionTarget(request.url ?? '');
    const { url, ticket } = TUNNEL_HEADERS;
    const edge = TunnelTarget.safeParse({ url: request.headers[url], ticket: request.headers[ticket] });
    const asked = request.headers.upgrade === TUNNEL_UPGRADE && target?.action === 'tunnel';
    if (!asked || !edge.success) return '400 Bad Request';
    const session = this.#session(target.sessionId);
    if (target.epoch < session.epoch) return '409 Conflict';
    session.epoch = target.epoch;
    this.#sockets.get(target.sessionId)?.close(CloseCode.Replaced);
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ${TUNNEL_UPGRADE}\r\n\r\n`,
    );
    socket.unshift(head);
    const ws = openEdgeSocket(socket, edge.data);
    this.#sockets.set(target.sessionId, ws);
    this.#serve(ws, session);
    return null;
  }

  #session(sessionId: string): ServedSession {
    const known = this.#sessions.get(sessionId);
    if (known !== undefined) return known;
    const session = this.#createSession(sessionId, () => this.#changed(session));
    this.#sessions.set(sessionId, session);
    return session;
  }

  /** Hosts are told, unless there is a socket on which the actor learns it. */
  #changed(session: ServedSession): void {
    if (!this.#sockets.has(session.sessionId)) this.#feed.tell(newsOf(session));
  }

  #serve(ws: WebSocket, session: ServedSession): void {
    const { sessionId } = session;
    const link = new Link(ws);
    const log = this.#log.child({ session: sessionId, epoch: session.epoch });
    ws.on('open', () => session.connect(link));
    ws.on('message', (data: Buffer, isBinary: boolean) => {
      const error = isBinary ? frame(session, link, data) : message(session, link, data.toString('utf8'));
      if (error === null) return;
      link.send({ type: 'error', ...error });
      ws.close(CloseCode.ProtocolError);
    });
    ws.on('error', (error) => log.warn({ detail: error.message }, 'link error'));
    ws.on('close', (code) => {
      log.debug({ code }, 'link ended');
      session.disconnect(link, code === ABNORMAL_CLOSURE);
      if (this.#sockets.get(sessionId) !== ws) return;
      this.#sockets.delete(sessionId);
      this.#changed(session);
    });
  }
}

function newsOf({ sessionId, epoch, incarnation, wants }: ServedSession): SessionNews {
  return { sessionId, epoch, kept: incarnation !== null, wants };
}

/** Hands a frame to the session. Out: what is wrong with it, or null. */
function frame(session: ServedSession, link: Link, data: Buffer) {
  const result = decodeFrame(data);
  if (!result.ok) return { code: result.error, detail: 'That is not a frame of the protocol.' };
  session.frame(result.frame, link);
  return null;
}

/** Hands a control message to the session. Out: what is wrong with it, or null. */
function message(session: ServedSession, link: Link, text: string) {
  if (text === KEEPALIVE_PONG) return null;
  const result = parseMessage(SessionToHost, text);
  if (!result.ok) return { code: result.code, detail: result.detail };
  session.handle(result.message, link);
  return null;
}

/** Session, epoch and action of `/v1/sessions/:id/:action?epoch=N`; null when it is anything else. */
function sessionTarget(url: string): SessionTarget | null {
  const { pathname, searchParams } = new URL(url, 'http://executor');
  const [, id, action] = /^\/v1\/sessions\/([^/]+)\/([a-z]+)$/.exec(pathname) ?? [];
  const sessionId = SessionId.safeParse(id);
  const epoch = Epoch.safeParse(Number(searchParams.get('epoch') ?? Number.NaN));
  if (!sessionId.success || !epoch.success || action === undefined) return null;
  return { sessionId: sessionId.data, epoch: epoch.data, action };
}
