import { CloseCode } from '../../protocol/close-codes.ts';
import { HOST_HEARTBEAT_MS, MAX_HOST_MESSAGE_BYTES } from '../../protocol/limits.ts';
import { parseMessage } from '../../protocol/messages/codec.ts';
import type { ErrorCode } from '../../protocol/messages/errors.ts';
import { HostToRegion } from '../../protocol/messages/host.ts';
import { close, send } from './control-sockets.ts';
import { tellDirectory } from './host-directory.ts';
import type { HostWatch } from './host-watch.ts';
import { MAX_VIOLATIONS } from './limits.ts';
import type { Parts } from './parts.ts';
import { tellHostWants } from './tell-sessions.ts';

/** What hosts say on their control sockets: who they are and what they have, how they are, what became of placements. */
export class HostMessages {
  readonly #parts: Parts;
  readonly #watch: HostWatch;

  constructor(parts: Parts, watch: HostWatch) {
    this.#parts = parts;
    this.#watch = watch;
  }

  /** Anything that came on a control socket. What breaks the protocol, or comes too fast, ends at the door. */
  async receive(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    const nowMs = Date.now();
    if (!this.#parts.sockets.takeToken(socket, nowMs)) {
      close(socket, CloseCode.RateLimited, 'Too many messages.');
      return this.#watch.gone(socket);
    }
    if (typeof data !== 'string') {
      return this.#violation(socket, 'frame-kind-not-allowed', 'Control sockets carry text messages only.');
    }
    if (data.length > MAX_HOST_MESSAGE_BYTES) {
      close(socket, CloseCode.ProtocolError, 'Message too large.');
      return this.#watch.gone(socket);
    }
    const parsed = parseMessage(HostToRegion, data, MAX_HOST_MESSAGE_BYTES);
    if (!parsed.ok) return this.#violation(socket, parsed.code, parsed.detail);
    await this.#handle(socket, parsed.message, nowMs);
  }

  async #handle(socket: WebSocket, message: HostToRegion, nowMs: number): Promise<void> {
    const { hostId, hello } = this.#parts.sockets.state(socket);
    if (message.type === 'hello') return this.#hello(socket, message, nowMs);
    if (!hello) return this.#violation(socket, 'hello-expected', 'Say hello first.');
    this.#parts.sockets.update(socket, { lastSeenAtMs: nowMs });
    if (message.type === 'heartbeat') {
      this.#parts.sockets.update(socket, {
        healthy: message.healthy,
        sessions: message.sessions,
        cpuLoad: message.cpuLoad,
        placedSince: 0,
      });
      return;
    }
    if (message.type === 'session.wants') {
      const placed = message.sessions.filter((each) => this.#parts.registry.holds({ ...each, hostId }));
      this.#parts.ctx.waitUntil(tellHostWants(this.#parts.env, placed));
      return;
    }
    const row = { sessionId: message.sessionId, epoch: message.epoch, hostId };
    const known = this.#parts.registry.placement(row.sessionId);
    // A host speaks only for placements it has.
    if (known === null || known.hostId !== hostId || known.epoch !== row.epoch) return;
    if (message.type === 'session.left') this.#parts.registry.removePlacement(row);
    else {
      this.#parts.log('warn', 'placement failed', row);
      await this.#parts.lost.tell([row], message.detail);
    }
  }

  async #hello(
    socket: WebSocket,
    message: Extract<HostToRegion, { type: 'hello' }>,
    nowMs: number,
  ): Promise<void> {
    const { hostId, region, serial } = this.#parts.sockets.state(socket);
    if (message.hostId !== hostId || message.region !== region) {
      return this.#violation(socket, 'forbidden', 'hello names another host or region than your token.');
    }
    for (const other of this.#parts.sockets.all()) {
      if (other.state.hostId !== hostId || other.socket === socket) continue;
      if (other.state.serial > serial) return close(socket, CloseCode.Replaced, 'A newer socket is there.');
      close(other.socket, CloseCode.Replaced, 'You connected again.');
    }
    this.#parts.registry.join(
      { hostId, region, incarnation: message.incarnation, capacity: message.capacity },
      nowMs,
    );
    this.#parts.sockets.update(socket, {
      hello: true,
      healthy: true,
      sessions: message.sessions.length,
      placedSince: 0,
      lastSeenAtMs: nowMs,
    });
    tellDirectory(this.#parts, hostId);
    send(socket, { type: 'welcome', heartbeatMs: HOST_HEARTBEAT_MS });
    if (this.#parts.registry.host(hostId)?.draining === true)
      send(socket, { type: 'drain', reason: 'Still draining.' });
    this.#parts.log('info', 'host joined', {
      hostId,
      region,
      incarnation: message.incarnation,
      driver: message.driver,
    });
    await this.#reconcile(hostId, message.sessions);
    await this.#watch.arm();
  }

  /** Compares what a host has with what we placed there: what it does not know is lost, e.g. by its restart. */
  async #reconcile(hostId: string, has: readonly { sessionId: string; epoch: number }[]): Promise<void> {
    const epochs = new Map(has.map(({ sessionId, epoch }) => [sessionId, epoch]));
    const missing = this.#parts.registry
      .placementsOf(hostId)
      .filter(({ sessionId, epoch }) => (epochs.get(sessionId) ?? -1) < epoch);
    for (const { sessionId, epoch } of has) this.#parts.registry.putPlacement({ sessionId, epoch, hostId });
    this.#parts.ctx.waitUntil(this.#parts.lost.tell(missing, 'The sandbox host restarted.'));
  }

  async #violation(socket: WebSocket, code: ErrorCode, detail: string): Promise<void> {
    const violations = this.#parts.sockets.state(socket).violations + 1;
    this.#parts.sockets.update(socket, { violations });
    send(socket, { type: 'error', code, detail });
    if (violations < MAX_VIOLATIONS) return;
    close(socket, CloseCode.ProtocolError, 'Too many bad messages.');
    await this.#watch.gone(socket);
  }
}
