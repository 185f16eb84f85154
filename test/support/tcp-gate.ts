import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Target } from './api.ts';

/** A way to the edge that can be shut in one direction: what the edge sends is then not read, as from a stuck laptop. */
export class TcpGate implements Target {
  readonly url: string;
  readonly token: string;
  readonly #server: Server;
  readonly #fromEdge = new Set<Socket>();
  #shut = false;

  private constructor(target: Target, server: Server, port: number) {
    this.url = `http://127.0.0.1:${port}`;
    this.token = target.token;
    this.#server = server;
  }

  static async open(target: Target): Promise<TcpGate> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('No free port.');
    const gate = new TcpGate(target, server, address.port);
    const { hostname, port } = new URL(target.url);
    server.on('connection', (client) => gate.#join(client, connect(Number(port), hostname)));
    return gate;
  }

  /** Nothing the edge sends is read any more; what clients send still goes through. */
  shut(): void {
    this.#shut = true;
    for (const socket of this.#fromEdge) socket.pause();
  }

  /** Goes on reading. */
  reopen(): void {
    this.#shut = false;
    for (const socket of this.#fromEdge) socket.resume();
  }

  close(): void {
    for (const socket of this.#fromEdge) socket.destroy();
    this.#server.close();
  }

  #join(client: Socket, edge: Socket): void {
    this.#fromEdge.add(edge);
    client.pipe(edge);
    edge.on('data', (bytes) => {
      if (!client.write(bytes)) {
        edge.pause();
        client.once('drain', () => this.#shut || edge.resume());
      }
    });
    for (const [socket, other] of [
      [client, edge],
      [edge, client],
    ] as const) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#fromEdge.delete(edge);
        other.destroy();
      });
    }
  }
}
