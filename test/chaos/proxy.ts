import { once } from 'node:events';
import { createServer, connect, type Server, type Socket } from 'node:net';

/** Whose connection it is, by the path of its first request. */
export type ConnectionKind = 'viewer' | 'data' | 'control' | 'api';

/** Most bytes kept of a connection's beginning, to see what it asks for. */
const HEAD_BYTES = 2_048;
const KINDS: readonly [RegExp, ConnectionKind][] = [
  [/^GET \/host\/v1\/control/, 'control'],
  [/^GET \/host\/v1\/sessions\//, 'data'],
  [/^GET \/ws\/v1\//, 'viewer'],
];

/**
 * A TCP relay in front of the edge that does to connections what networks do: cuts them at any byte, resets them, holds
 * them up, or goes silent without a word to either side.
 */
export class Proxy {
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #connections = new Set<ProxiedConnection>();

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer((near) => {
      const connection = new ProxiedConnection(near, this.#targetPort, () =>
        this.#connections.delete(connection),
      );
      this.#connections.add(connection);
    });
  }

  /** Listens on a free port of the loopback. */
  static async listen(targetPort: number): Promise<Proxy> {
    const proxy = new Proxy(targetPort);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Connections of a kind that stand now, oldest first. */
  of(kind: ConnectionKind): ProxiedConnection[] {
    return [...this.#connections].filter((connection) => connection.kind === kind && !connection.silent);
  }

  /** Everything that was silent ends, as when a router forgets it. */
  endSilent(): void {
    for (const connection of [...this.#connections]) if (connection.silent) connection.reset();
  }

  close(): void {
    this.#server.close();
    for (const connection of [...this.#connections]) connection.reset();
  }
}

/** One connection through the proxy. */
export class ProxiedConnection {
  kind: ConnectionKind = 'api';
  /** Nothing passes any more, and nobody is told. */
  silent = false;
  readonly #near: Socket;
  readonly #far: Socket;
  #head = '';
  /** Bytes that still pass before the cut; null when there is none to come. */
  #leftBytes: number | null = null;
  #stalls = 0;
  #gone = false;

  constructor(near: Socket, targetPort: number, ended: () => void) {
    this.#near = near;
    this.#far = connect({ port: targetPort, host: '127.0.0.1' });
    near.setNoDelay(true);
    this.#far.setNoDelay(true);
    this.#relay(near, this.#far);
    this.#relay(this.#far, near);
    for (const [socket, other] of this.#both()) {
      socket.on('error', () => undefined);
      socket.on('end', () => {
        if (!this.silent) other.end();
      });
      socket.on('close', () => {
        if (this.silent) return;
        other.destroy();
        if (!this.#gone) ended();
        this.#gone = true;
      });
    }
  }

  /** Ends both sides after `bytes` more have passed, in whatever direction: mostly in the middle of a frame. */
  cutAfter(bytes: number): void {
    this.#leftBytes = bytes;
    if (bytes === 0) this.#destroy();
  }

  /** Both sides get a reset. */
  reset(): void {
    this.silent = false;
    this.#near.resetAndDestroy();
    this.#far.resetAndDestroy();
  }

  /** Holds everything up for a while; then it all passes, in order. */
  stall(ms: number): void {
    this.#stalls += 1;
    for (const [socket] of this.#both()) socket.pause();
    setTimeout(() => {
      this.#stalls -= 1;
      if (this.#stalls === 0 && !this.silent) for (const [socket] of this.#both()) socket.resume();
    }, ms);
  }

  /** From now on nothing passes, and neither side is told: a half-open connection. */
  silence(): void {
    this.silent = true;
    for (const [socket] of this.#both()) socket.pause();
  }

  #relay(from: Socket, to: Socket): void {
    from.on('data', (bytes: Buffer) => {
      if (this.silent) return;
      if (from === this.#near && this.#head.length < HEAD_BYTES) this.#look(bytes);
      const left = this.#leftBytes;
      if (left !== null && bytes.length >= left) {
        to.write(bytes.subarray(0, left));
        return this.#destroy();
      }
      if (left !== null) this.#leftBytes = left - bytes.length;
      if (to.write(bytes)) return;
      from.pause();
      to.once('drain', () => {
        if (this.#stalls === 0 && !this.silent) from.resume();
      });
    });
  }

  #look(bytes: Buffer): void {
    this.#head = (this.#head + bytes.toString('latin1')).slice(0, HEAD_BYTES);
    this.kind = KINDS.find(([pattern]) => pattern.test(this.#head))?.[1] ?? 'api';
  }

  #destroy(): void {
    // What was written still goes out; then the connection ends in the middle of whatever it was.
    for (const [socket] of this.#both()) socket.destroySoon();
  }

  #both(): [Socket, Socket][] {
    return [
      [this.#near, this.#far],
      [this.#far, this.#near],
    ];
  }
}
