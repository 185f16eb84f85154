import { DurableObject } from 'cloudflare:workers';
import { CloseCode, SUBPROTOCOL } from '../../protocol/close-codes.ts';
import {
  HOST_HEARTBEAT_MS,
  HOST_LOST_MS,
  KEEPALIVE_PING,
  KEEPALIVE_PONG,
  MAX_HOST_MESSAGE_BYTES,
} from '../../protocol/limits.ts';
import { parseMessage } from '../../protocol/messages/codec.ts';
import type { ErrorCode } from '../../protocol/messages/errors.ts';
import { HostToRegion } from '../../protocol/messages/host.ts';
import { DOOR_HEADER, HOST_ID_HEADER, REGION_HEADER } from '../shared/doors.ts';
import type { Env } from '../shared/env.ts';
import { createLogger } from '../shared/log.ts';
import { problemResponse } from '../shared/problem.ts';
import type { HostSummary, Outcome, RegionRpc } from '../shared/rpc.ts';
import { close, ControlSockets, send } from './control-sockets.ts';
import {
  FORGET_HOST_MS,
  HELLO_TIMEOUT_MS,
  MAX_CONTROL_SOCKETS,
  MAX_VIOLATIONS,
  TELL_RETRY_MS,
} from './limits.ts';
import { tellHostWants, tellSessions } from './tell-sessions.ts';
import { rankHosts } from './placement.ts';
import { Registry } from './registry.ts';
import { summarizeHosts } from './summary.ts';

const log = createLogger('region-do');

/**
 * One actor per region: the hosts that dialled in, and where sessions are placed.
 *
 * A host connects, says `hello` within HELLO_TIMEOUT_MS, then sends heartbeats. When its control socket closes it gets
 * no more sessions at once; when it says nothing for HOST_LOST_MS, with or without a socket, its sessions are told.
 * What a host was is in SQLite, how it is now in its socket's attachment, so the actor may hibernate between messages.
 */
export class RegionDO extends DurableObject<Env> implements RegionRpc {
  readonly #registry: Registry;
  readonly #sockets: ControlSockets;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#registry = new Registry(ctx.storage.sql);
    this.#sockets = new ControlSockets(ctx);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(KEEPALIVE_PING, KEEPALIVE_PONG));
    // The platform drops an alarm after repeated failures, and sockets may be gone after a crash: look at both.
    void ctx.blockConcurrencyWhile(async () => {
      const nowMs = Date.now();
      const current = this.#sockets.current();
      for (const host of this.#registry.hosts()) {
        const unnoticed = !current.has(host.hostId) && host.lostAtMs === null;
        if (unnoticed && this.#registry.placementsOf(host.hostId).length > 0) {
          this.#registry.leave(host.hostId, host.lastSeenAtMs, nowMs + HOST_LOST_MS);
        }
      }
      await this.#arm();
    });
  }

  /** The host door: the gateway has verified the host's token and says who it is in headers only it can set. */
  override async fetch(request: Request): Promise<Response> {
    const requestId = request.headers.get('x-request-id') ?? '';
    const hostId = request.headers.get(HOST_ID_HEADER);
    const region = request.headers.get(REGION_HEADER);
    if (request.headers.get(DOOR_HEADER) !== 'host' || hostId === null || region === null) {
      return problemResponse('forbidden', 'Hosts only.', requestId);
    }
    if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') {
      return problemResponse('invalid-request', 'Connect with a WebSocket.', requestId, { status: 426 });
    }
    if (this.ctx.getWebSockets().length >= MAX_CONTROL_SOCKETS) {
      return problemResponse('limit-exceeded', 'The region has too many hosts.', requestId);
    }
    const { 0: client, 1: server } = new WebSocketPair();
    this.#sockets.accept(server, hostId, region, Date.now());
    await this.#arm();
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: { 'sec-websocket-protocol': SUBPROTOCOL },
    });
  }

  override async webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    const nowMs = Date.now();
    if (!this.#sockets.takeToken(socket, nowMs)) {
      close(socket, CloseCode.RateLimited, 'Too many messages.');
      return this.#gone(socket);
    }
    if (typeof data !== 'string') {
      return this.#violation(socket, 'frame-kind-not-allowed', 'Control sockets carry text messages only.');
    }
    if (data.length > MAX_HOST_MESSAGE_BYTES) {
      close(socket, CloseCode.ProtocolError, 'Message too large.');
      return this.#gone(socket);
    }
    const parsed = parseMessage(HostToRegion, data, MAX_HOST_MESSAGE_BYTES);
    if (!parsed.ok) return this.#violation(socket, parsed.code, parsed.detail);
    await this.#handle(socket, parsed.message, nowMs);
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    await this.#gone(socket);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    await this.#gone(socket);
  }

  override async alarm(): Promise<void> {
    const nowMs = Date.now();
    for (const each of this.#sockets.all()) {
      const silentMs = nowMs - this.#sockets.lastSeenAtMs(each);
      if (!each.state.hello && nowMs - each.state.connectedAtMs >= HELLO_TIMEOUT_MS) {
        close(each.socket, CloseCode.ProtocolError, 'hello expected.');
      } else if (silentMs >= HOST_LOST_MS) {
        close(each.socket, CloseCode.GoingAway, 'Nothing heard from you.');
        await this.#gone(each.socket);
      }
    }
    for (const host of this.#registry.hosts()) {
      if (host.lostAtMs !== null && host.lostAtMs <= nowMs) await this.#settleLost(host.hostId);
    }
    await this.#arm();
  }

  async place(input: {
    sessionId: string;
    epoch: number;
    ticket: string;
    preferHostId: string | null;
  }): Promise<Outcome<{ hostId: string }>> {
    const { sessionId, epoch, ticket } = input;
    const before = this.#registry.placement(sessionId);
    if (before !== null && before.epoch > epoch) {
      return { ok: false, code: 'stale-epoch', detail: `Epoch ${before.epoch} is placed.` };
    }
    const current = this.#sockets.current();
    const draining = new Set(this.#registry.hosts().flatMap((row) => (row.draining ? [row.hostId] : [])));
    const candidates = [...current.values()].map(({ state }) => ({
      hostId: state.hostId,
      healthy: state.healthy,
      draining: draining.has(state.hostId),
      sessions: state.sessions + state.placedSince,
      capacity: this.#registry.host(state.hostId)?.capacity ?? 0,
      cpuLoad: state.cpuLoad,
    }));
    for (const { hostId } of rankHosts(candidates, input.preferHostId)) {
      const host = current.get(hostId);
      if (host === undefined || !send(host.socket, { type: 'place', sessionId, epoch, ticket })) continue;
      this.#sockets.update(host.socket, { placedSince: host.state.placedSince + 1 });
      this.#registry.putPlacement({ sessionId, epoch, hostId });
      const left = before !== null && before.hostId !== hostId ? current.get(before.hostId) : undefined;
      if (left !== undefined && before !== null) {
        send(left.socket, { type: 'release', sessionId, epoch: before.epoch });
      }
      log('info', 'placed', { sessionId, hostId, epoch });
      return { ok: true, value: { hostId } };
    }
    const why =
      candidates.length === 0 ? 'No sandbox host is connected.' : 'Every sandbox host is full or draining.';
    return { ok: false, code: 'no-host', detail: why };
  }

  async release(input: { sessionId: string; epoch: number; hostId: string }): Promise<void> {
    this.#registry.removePlacement(input);
    const host = this.#sockets.current().get(input.hostId);
    if (host !== undefined) {
      send(host.socket, { type: 'release', sessionId: input.sessionId, epoch: input.epoch });
    }
  }

  async drain(hostId: string): Promise<Outcome<null>> {
    if (this.#registry.host(hostId) === null) {
      return { ok: false, code: 'not-found', detail: 'No such host in this region.' };
    }
    this.#registry.setDraining(hostId);
    const host = this.#sockets.current().get(hostId);
    if (host !== undefined) send(host.socket, { type: 'drain', reason: 'Asked for by an operator.' });
    log('info', 'draining', { hostId });
    return { ok: true, value: null };
  }

  async hosts(): Promise<HostSummary[]> {
    return summarizeHosts(this.#registry.hosts(), this.#sockets);
  }

  async #handle(socket: WebSocket, message: HostToRegion, nowMs: number): Promise<void> {
    const { hostId, hello } = this.#sockets.state(socket);
    if (message.type === 'hello') return this.#hello(socket, message, nowMs);
    if (!hello) return this.#violation(socket, 'hello-expected', 'Say hello first.');
    this.#sockets.update(socket, { lastSeenAtMs: nowMs });
    if (message.type === 'heartbeat') {
      this.#sockets.update(socket, {
        healthy: message.healthy,
        sessions: message.sessions,
        cpuLoad: message.cpuLoad,
        placedSince: 0,
      });
      return;
    }
    if (message.type === 'session.wants') {
      const placed = message.sessions.filter((each) => this.#registry.holds({ ...each, hostId }));
      this.ctx.waitUntil(tellHostWants(this.env, placed));
      return;
    }
    const row = { sessionId: message.sessionId, epoch: message.epoch, hostId };
    const known = this.#registry.placement(row.sessionId);
    // A host speaks only for placements it has.
    if (known === null || known.hostId !== hostId || known.epoch !== row.epoch) return;
    if (message.type === 'session.left') this.#registry.removePlacement(row);
    else {
      log('warn', 'placement failed', row);
      if ((await tellSessions(this.env, this.#registry, [row], message.detail)) > 0) {
        this.#registry.removePlacement(row);
      }
    }
  }

  async #hello(
    socket: WebSocket,
    message: Extract<HostToRegion, { type: 'hello' }>,
    nowMs: number,
  ): Promise<void> {
    const { hostId, region, serial } = this.#sockets.state(socket);
    if (message.hostId !== hostId || message.region !== region) {
      return this.#violation(socket, 'forbidden', 'hello names another host or region than your token.');
    }
    for (const other of this.#sockets.all()) {
      if (other.state.hostId !== hostId || other.socket === socket) continue;
      if (other.state.serial > serial) return close(socket, CloseCode.Replaced, 'A newer socket is there.');
      close(other.socket, CloseCode.Replaced, 'You connected again.');
    }
    this.#registry.join(
      { hostId, region, incarnation: message.incarnation, capacity: message.capacity },
      nowMs,
    );
    this.#sockets.update(socket, {
      hello: true,
      healthy: true,
      sessions: message.sessions.length,
      placedSince: 0,
      lastSeenAtMs: nowMs,
    });
    send(socket, { type: 'welcome', heartbeatMs: HOST_HEARTBEAT_MS });
    if (this.#registry.host(hostId)?.draining === true)
      send(socket, { type: 'drain', reason: 'Still draining.' });
    log('info', 'host joined', { hostId, region, incarnation: message.incarnation, driver: message.driver });
    await this.#reconcile(hostId, message.sessions);
    await this.#arm();
  }

  /** Compares what a host has with what we placed there: what it does not know is lost, e.g. by its restart. */
  async #reconcile(hostId: string, has: readonly { sessionId: string; epoch: number }[]): Promise<void> {
    const epochs = new Map(has.map(({ sessionId, epoch }) => [sessionId, epoch]));
    const missing = this.#registry
      .placementsOf(hostId)
      .filter(({ sessionId, epoch }) => (epochs.get(sessionId) ?? -1) < epoch);
    for (const { sessionId, epoch } of has) this.#registry.putPlacement({ sessionId, epoch, hostId });
    this.ctx.waitUntil(tellSessions(this.env, this.#registry, missing, 'The sandbox host restarted.'));
  }

  /** A socket is closed or closing. If it was the host's current one, the host gets no more sessions from now on. */
  async #gone(socket: WebSocket): Promise<void> {
    const state = this.#sockets.state(socket);
    close(socket, CloseCode.Normal, '');
    const host = this.#registry.host(state.hostId);
    if (!state.hello || host === null || this.#sockets.current().has(state.hostId) || host.lostAtMs !== null)
      return;
    const lastSeenAtMs = this.#sockets.lastSeenAtMs({ socket, state });
    this.#registry.leave(state.hostId, lastSeenAtMs, lastSeenAtMs + HOST_LOST_MS);
    log('warn', 'host disconnected', { hostId: state.hostId });
    await this.#arm();
  }

  /** A lost host did not come back: its sessions are told, again later those that could not be. */
  async #settleLost(hostId: string): Promise<void> {
    const placements = this.#registry.placementsOf(hostId);
    log('warn', 'host lost', { hostId, sessions: placements.length });
    const failed = await tellSessions(this.env, this.#registry, placements, 'The sandbox host is lost.');
    const host = this.#registry.host(hostId);
    // It may have come back while we told.
    if (host === null || host.lostAtMs === null) return;
    if (failed === 0) this.#registry.settle(hostId);
    else this.#registry.leave(hostId, host.lastSeenAtMs, Date.now() + TELL_RETRY_MS);
  }

  async #violation(socket: WebSocket, code: ErrorCode, detail: string): Promise<void> {
    const violations = this.#sockets.state(socket).violations + 1;
    this.#sockets.update(socket, { violations });
    send(socket, { type: 'error', code, detail });
    if (violations < MAX_VIOLATIONS) return;
    close(socket, CloseCode.ProtocolError, 'Too many bad messages.');
    await this.#gone(socket);
  }

  /** Sets the alarm for the next thing that may be due; forgets hosts that have been lost for long. */
  async #arm(): Promise<void> {
    const nowMs = Date.now();
    const current = this.#sockets.current();
    const dueAtMs: number[] = this.#sockets
      .all()
      .map((each) =>
        each.state.hello
          ? this.#sockets.lastSeenAtMs(each) + HOST_LOST_MS
          : each.state.connectedAtMs + HELLO_TIMEOUT_MS,
      );
    for (const host of this.#registry.hosts()) {
      if (host.lostAtMs !== null) dueAtMs.push(host.lostAtMs);
      else if (!current.has(host.hostId) && host.lastSeenAtMs + FORGET_HOST_MS <= nowMs) {
        this.#registry.forget(host.hostId);
      }
    }
    if (dueAtMs.length === 0) await this.ctx.storage.deleteAlarm();
    else await this.ctx.storage.setAlarm(Math.max(Math.min(...dueAtMs), nowMs + 1));
  }
}
