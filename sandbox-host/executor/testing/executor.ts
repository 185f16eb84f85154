import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import { SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX } from '../../../protocol/close-codes.ts';
import { HostToSession, SandboxSpec } from '../../../protocol/messages/host.ts';
import { decodeFrame, encodeFrame, FrameKind } from '../../../protocol/stream/frame.ts';
import { createDriver } from '../../drivers/index.ts';
import { DataLink, type LinkEnd } from '../../host/data-link.ts';
import { ExecutorServer } from '../server.ts';

/** An executor behind its real door, with real sandboxes, and the actors' ends of the links that hosts make to it. */

/** Files of the executor under test: its socket, its token, its sandboxes. */
export const folder = mkdtempSync(join(tmpdir(), 'alex-executor-'));
export const log = pino({ level: 'silent' });
const server = new ExecutorServer(
  'secret',
  createDriver('bubblewrap', { dataDir: folder, poolSize: 0, log }),
  log,
);
/** Where hosts find the executor. */
export const address = { executorSocket: join(folder, 'socket'), executorTokenFile: join(folder, 'token') };
const edge = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  perMessageDeflate: false,
  handleProtocols: () => SUBPROTOCOL,
});
/** The terminal of {@link Actor.run}. */
export const CHANNEL = 1;
/** Who waits for the executor to come, by ticket. */
const expected = new Map<string, Actor>();

/** Opens the executor's door, and an edge that hosts' links lead to. */
export async function openExecutor(): Promise<void> {
  writeFileSync(address.executorTokenFile, 'secret');
  await server.listen(address.executorSocket);
  if (edge.address() === null) await once(edge, 'listening');
  edge.on('connection', (socket, request) => {
    const offered = request.headers['sec-websocket-protocol'] ?? '';
    const ticket = offered.split(',').find((name) => name.startsWith(TICKET_SUBPROTOCOL_PREFIX));
    expected.get(ticket?.slice(TICKET_SUBPROTOCOL_PREFIX.length) ?? '')?.serve(socket);
  });
}

export async function closeExecutor(): Promise<void> {
  await server.close();
  edge.close();
  rmSync(folder, { recursive: true, force: true });
}

/** The actor's end of a link that a host makes: what came, and waiting for it. */
export class Actor {
  readonly link: DataLink;
  readonly messages: HostToSession[] = [];
  output = '';
  closeCode: number | null = null;
  end: LinkEnd | null = null;
  #socket: WebSocket | null = null;
  #wake: () => void = () => undefined;

  constructor(sessionId: string, epoch: number, at = address) {
    const ticket = `ticket-${expected.size}`;
    expected.set(ticket, this);
    const edgeUrl = `http://127.0.0.1:${(edge.address() as AddressInfo).port}`;
    const host = { hostId: 'h', region: 'r', hostKey: {}, capacity: 1, driver: 'bubblewrap' };
    this.link = new DataLink({ ...host, ...at, edgeUrl }, { sessionId, epoch, ticket }, log, (end) => {
      this.end = end;
      this.#wake();
    });
  }

  get socket(): WebSocket {
    if (this.#socket === null) throw new Error('The executor has not come.');
    return this.#socket;
  }

  async until(done: () => boolean): Promise<void> {
    while (!done()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  async open(): Promise<this> {
    await this.until(() => this.#socket !== null);
    return this;
  }

  send(message: unknown): void {
    this.socket.send(JSON.stringify(message));
  }

  async heard<Type extends HostToSession['type']>(
    type: Type,
  ): Promise<Extract<HostToSession, { type: Type }>> {
    await this.until(() => this.messages.some((message) => message.type === type));
    return this.messages.find((message) => message.type === type) as Extract<HostToSession, { type: Type }>;
  }

  /** A sandbox with one shell command in it. */
  async run(sessionId: string, script: string): Promise<void> {
    const spec = SandboxSpec.parse({ sessionId, userId: 'u1', workspaceId: 'w1', limits: {} });
    this.send({ type: 'sandbox.ensure', epoch: 1, spec });
    const command = ['/bin/sh', '-c', script];
    this.send({ type: 'terminal.open', channel: CHANNEL, size: { cols: 80, rows: 24 }, command });
    await this.heard('terminal.opened');
  }

  type(offset: number, text: string): void {
    const payload = new TextEncoder().encode(text);
    this.socket.send(encodeFrame({ kind: FrameKind.Input, channel: CHANNEL, stream: 1, offset, payload }));
  }

  serve(socket: WebSocket): void {
    this.#socket = socket;
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (!isBinary) this.messages.push(HostToSession.parse(JSON.parse(data.toString())));
      const decoded = isBinary ? decodeFrame(data) : null;
      if (decoded?.ok === true && decoded.frame.kind === FrameKind.Output) {
        this.output += Buffer.from(decoded.frame.payload).toString();
      }
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      this.closeCode = code;
      this.#wake();
    });
    this.#wake();
  }
}
