import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { CloseCode } from '../../protocol/close-codes.ts';
import { MAX_MESSAGE_BYTES } from '../../protocol/limits.ts';
import { parseMessage } from '../../protocol/messages/codec.ts';
import { SessionToHost } from '../../protocol/messages/host.ts';
import { Epoch, SessionId } from '../../protocol/messages/session.ts';
import { decodeFrame, MAX_FRAME_BYTES } from '../../protocol/stream/frame.ts';
import type { SandboxDriver } from '../drivers/driver.ts';
import type { Logger } from '../shared/log.ts';
import { Link } from './link.ts';
import { ExecutorSession } from './session.ts';

/** The executor's door: health, the list of sessions, and one WebSocket per session, all behind the executor's token. */
export class ExecutorServer {
  readonly #token: Buffer;
  readonly #driver: SandboxDriver;
  readonly #log: Logger;
  readonly #sessions = new Map<string, ExecutorSession>();
  readonly #sockets = new Map<string, WebSocket>();
  readonly #http: Server;
  readonly #ws = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: Math.max(MAX_FRAME_BYTES, MAX_MESSAGE_BYTES),
  });

  constructor(token: string, driver: SandboxDriver, log: Logger) {
    this.#token = Buffer.from(`Bearer ${token}`);
    this.#driver = driver;
    this.#log = log;
    this.#http = createServer((request, response) => {
      const [status, body] = this.#answer(request);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    this.#http.on('upgrade', (request, socket, head) => {
      const target = this.#allowed(request) ? sessionTarget(request.url ?? '') : null;
      if (target === null) return socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n');
      this.#ws.handleUpgrade(request, socket, head, (ws) => this.#accept(ws, target.sessionId, target.epoch));
    });
  }

  /** Listens on a unix socket. Rejects when it cannot. */
  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(path, () => resolve());
    });
  }

  /** Stops every sandbox, keeps the workspaces, and closes the door. */
  async close(): Promise<void> {
    for (const socket of this.#sockets.values()) socket.close(CloseCode.GoingAway);
    await Promise.allSettled([...this.#sessions.values()].map((session) => session.stop()));
    this.#http.close();
    this.#http.closeAllConnections();
  }

  #answer(request: IncomingMessage): [number, unknown] {
    if (!this.#allowed(request)) return [401, { error: 'unauthenticated' }];
    if (request.url === '/health') return [200, { status: 'ok', driver: this.#driver.name }];
    if (request.url !== '/v1/sessions') return [404, { error: 'not found' }];
    const sessions = [...this.#sessions.values()].map(({ sessionId, epoch, incarnation }) => ({
      ...{ sessionId, epoch, incarnation },
      running: incarnation !== null,
    }));
    return [200, sessions];
  }

  #allowed(request: IncomingMessage): boolean {
    const given = Buffer.from(request.headers.authorization ?? '');
    return given.length === this.#token.length && timingSafeEqual(given, this.#token);
  }

  #accept(ws: WebSocket, sessionId: string, epoch: number): void {
    let session = this.#sessions.get(sessionId);
    if (session === undefined) {
      session = new ExecutorSession(sessionId, this.#driver, this.#log);
      this.#sessions.set(sessionId, session);
    }
    if (epoch < session.epoch) return ws.close(CloseCode.StaleEpoch, 'a newer placement is current');
    session.epoch = epoch;
    this.#sockets.get(sessionId)?.close(CloseCode.Replaced);
    this.#sockets.set(sessionId, ws);
    const link = new Link(ws);
    session.connect(link);
    this.#serve(ws, link, session);
  }

  #serve(ws: WebSocket, link: Link, session: ExecutorSession): void {
    ws.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) {
        const result = decodeFrame(data);
        if (result.ok) return session.frame(result.frame, link);
        link.send({ type: 'error', code: result.error, detail: 'That is not a frame of the protocol.' });
      } else {
        const result = parseMessage(SessionToHost, data.toString('utf8'));
        if (result.ok) return session.handle(result.message, link);
        link.send({ type: 'error', code: result.code, detail: result.detail });
      }
      ws.close(CloseCode.ProtocolError);
    });
    ws.on('error', (error) =>
      this.#log.warn({ session: session.sessionId, detail: error.message }, 'link error'),
    );
    ws.on('close', () => {
      session.disconnect(link);
      if (this.#sockets.get(session.sessionId) === ws) this.#sockets.delete(session.sessionId);
    });
  }
}

/** Session and epoch of `/v1/sessions/:id?epoch=N`; null when it is anything else. */
function sessionTarget(url: string): { sessionId: string; epoch: number } | null {
  const { pathname, searchParams } = new URL(url, 'http://executor');
  const sessionId = SessionId.safeParse(/^\/v1\/sessions\/([^/]+)$/.exec(pathname)?.[1]);
  const epoch = Epoch.safeParse(Number(searchParams.get('epoch') ?? Number.NaN));
  return sessionId.success && epoch.success ? { sessionId: sessionId.data, epoch: epoch.data } : null;
}
