import { z } from 'zod';
import { HOST_CONTROL_BURST, HOST_CONTROL_RATE_PER_S } from '../../protocol/limits.ts';
import type { RegionToHost } from '../../protocol/messages/host.ts';
import { TokenBucket } from '../shared/token-bucket.ts';

/** What a control socket is, kept in its attachment so that it survives hibernation. */
const Attachment = z.object({
  hostId: z.string(),
  region: z.string(),
  connectedAtMs: z.number(),
  /** Order of acceptance: of two sockets of a host the higher one counts. */
  serial: z.number(),
  hello: z.boolean(),
  violations: z.number(),
  lastSeenAtMs: z.number(),
  healthy: z.boolean(),
  sessions: z.number(),
  /** Placements since the last heartbeat, which does not count them yet. */
  placedSince: z.number(),
  cpuLoad: z.number(),
});
export type ControlState = z.infer<typeof Attachment>;

/** One host's control socket with its state. */
export interface ControlSocket {
  socket: WebSocket;
  state: ControlState;
}

/** The control sockets of a region. Reads the platform's own list, so it needs no memory of its own. */
export class ControlSockets {
  readonly #ctx: DurableObjectState;
  /** Rate limits start anew after hibernation: a socket that slept was not flooding. */
  readonly #buckets = new WeakMap<WebSocket, TokenBucket>();

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
  }

  /** Accepts a host's socket for hibernation. */
  accept(socket: WebSocket, hostId: string, region: string, nowMs: number): void {
    const serial = 1 + Math.max(0, ...this.all().map(({ state }) => state.serial));
    this.#ctx.acceptWebSocket(socket, [hostId]);
    socket.serializeAttachment({
      hostId,
      region,
      connectedAtMs: nowMs,
      serial,
      hello: false,
      violations: 0,
      lastSeenAtMs: nowMs,
      healthy: false,
      sessions: 0,
      placedSince: 0,
      cpuLoad: 0,
    } satisfies ControlState);
  }

  /** Every open control socket. */
  all(): ControlSocket[] {
    return this.#ctx
      .getWebSockets()
      .filter((socket) => socket.readyState === WebSocket.OPEN)
      .map((socket) => ({ socket, state: this.state(socket) }));
  }

  /** The socket that counts for each host: the newest that said hello. */
  current(): Map<string, ControlSocket> {
    const newest = new Map<string, ControlSocket>();
    for (const each of this.all()) {
      const known = newest.get(each.state.hostId);
      if (each.state.hello && (known === undefined || known.state.serial < each.state.serial)) {
        newest.set(each.state.hostId, each);
      }
    }
    return newest;
  }

  state(socket: WebSocket): ControlState {
    return Attachment.parse(socket.deserializeAttachment());
  }

  update(socket: WebSocket, change: Partial<ControlState>): void {
    socket.serializeAttachment({ ...this.state(socket), ...change });
  }

  /** When the host was last heard of: a message, or a keepalive the platform answered for us. */
  lastSeenAtMs({ socket, state }: ControlSocket): number {
    return Math.max(state.lastSeenAtMs, this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0);
  }

  /** False when the socket sends more than its share. */
  takeToken(socket: WebSocket, nowMs: number): boolean {
    let bucket = this.#buckets.get(socket);
    if (bucket === undefined) {
      bucket = new TokenBucket(HOST_CONTROL_RATE_PER_S, HOST_CONTROL_BURST, nowMs);
      this.#buckets.set(socket, bucket);
    }
    return bucket.take(nowMs);
  }
}

/** Sends a message; false when the socket is closing. */
export function send(socket: WebSocket, message: RegionToHost): boolean {
  try {
    socket.send(JSON.stringify(message));
    return true;
  } catch {
    return false;
  }
}

/** Closes a socket; one that is closed already is left alone. */
export function close(socket: WebSocket, code: number, reason: string): void {
  try {
    socket.close(code, reason);
  } catch {
    // It went first.
  }
}
