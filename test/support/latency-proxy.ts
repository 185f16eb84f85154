import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Bytes held before the sender is made to wait. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;

/** How far away the target seems. */
export interface Distance {
  /** Added in each direction. */
  oneWayMs: number;
  /** Up to so much more, at random, keeping the order. */
  jitterMs?: number;
}

/** A TCP proxy that delays everything, in both directions: a server far away. What is between, HTTP or WebSocket, does not matter. */
export class LatencyProxy {
  distance: Distance;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #target: URL;

  private constructor(server: Server, target: URL, distance: Distance) {
    this.#server = server;
    this.#target = target;
    this.distance = distance;
  }

  static async start(targetUrl: string, distance: Distance): Promise<LatencyProxy> {
    const server = createServer({ noDelay: true });
    const proxy = new LatencyProxy(server, new URL(targetUrl), distance);
    server.on('connection', (near) => proxy.#connect(near));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  /** Where to connect to instead of the target. */
  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The proxy does not listen.');
    return `http://127.0.0.1:${address.port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #connect(near: Socket): void {
    const far = connect({ port: Number(this.#target.port), host: this.#target.hostname, noDelay: true });
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
    }
    this.#delay(near, far);
    this.#delay(far, near);
  }

  #delay(from: Socket, to: Socket): void {
    let heldBytes = 0;
    // One timer for the first in line: several would not always fire in order.
    const line: { dueMs: number; act: () => void }[] = [];
    const serve = (): void => {
      for (let head = line[0]; head !== undefined; head = line[0]) {
        const waitMs = head.dueMs - performance.now();
        if (waitMs > 0) return void setTimeout(serve, waitMs).unref();
        line.shift();
        head.act();
      }
    };
    const later = (act: () => void): void => {
      const { oneWayMs, jitterMs = 0 } = this.distance;
      const dueMs = performance.now() + oneWayMs + Math.random() * jitterMs;
      line.push({ dueMs: Math.max(dueMs, line.at(-1)?.dueMs ?? 0), act });
      if (line.length === 1) serve();
    };
    from.on('data', (data) => {
      heldBytes += data.length;
      if (heldBytes > MAX_HELD_BYTES) from.pause();
      later(() => {
        heldBytes -= data.length;
        if (from.isPaused() && heldBytes <= MAX_HELD_BYTES / 2) from.resume();
        if (to.writable) to.write(data);
      });
    });
    from.on('end', () => later(() => to.end()));
    from.on('close', () => later(() => to.destroy()));
  }
}
