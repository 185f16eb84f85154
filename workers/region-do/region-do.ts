import { DurableObject } from 'cloudflare:workers';
import { SUBPROTOCOL } from '../../protocol/close-codes.ts';
import { KEEPALIVE_PING, KEEPALIVE_PONG } from '../../protocol/limits.ts';
import { DOOR_HEADER, HOST_ID_HEADER, REGION_HEADER } from '../shared/doors.ts';
import { Alarms } from '../shared/alarms.ts';
import { AuditOutbox } from '../shared/audit/outbox.ts';
import { DirectoryOutbox } from '../shared/directory/outbox.ts';
import type { Env } from '../shared/env.ts';
import { createLogger } from '../shared/log.ts';
import { problemResponse } from '../shared/problem.ts';
import type { HostSummary, Identity, Outcome, RegionRpc } from '../shared/rpc.ts';
import { ControlSockets } from './control-sockets.ts';
import { HostMessages } from './host-messages.ts';
import { HostWatch } from './host-watch.ts';
import { LostPlacements } from './lost-placements.ts';
import { MAX_CONTROL_SOCKETS } from './limits.ts';
import type { Parts } from './parts.ts';
import { Placer } from './placer.ts';
import { Registry } from './registry.ts';
import { summarizeHosts } from './summary.ts';

/**
 * One actor per region: the hosts that dialled in, and where sessions are placed.
 *
 * A host connects, says `hello` within HELLO_TIMEOUT_MS, then sends heartbeats. When its control socket closes it gets
 * no more sessions at once; when it says nothing for HOST_LOST_MS, with or without a socket, its sessions are told.
 * What a host was is in SQLite, how it is now in its socket's attachment, so the actor may hibernate between messages.
 * This class only hands work to the units that do it.
 */
export class RegionDO extends DurableObject<Env> implements RegionRpc {
  readonly #parts: Parts;
  readonly #placer: Placer;
  readonly #watch: HostWatch;
  readonly #messages: HostMessages;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const registry = new Registry(ctx.storage.sql);
    const sockets = new ControlSockets(ctx);
    const audit = new AuditOutbox(ctx.storage, env);
    const directory = new DirectoryOutbox(ctx.storage.sql, env);
    // Units look each other up in the parts when called, by which time those are complete.
    const parts = {} as { -readonly [Name in keyof Parts]: Parts[Name] };
    this.#watch = new HostWatch(parts);
    const lost = new LostPlacements(ctx.storage.sql, parts);
    this.#parts = Object.assign(parts, {
      ...{ ctx, env, log: createLogger('region-do'), registry, sockets, lost, audit, directory },
      alarms: new Alarms(ctx.storage, [this.#watch, lost, audit, directory]),
    } satisfies Parts);
    this.#placer = new Placer(this.#parts);
    this.#messages = new HostMessages(this.#parts, this.#watch);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(KEEPALIVE_PING, KEEPALIVE_PONG));
    void ctx.blockConcurrencyWhile(() => this.#watch.restore());
  }

  // Called by sessions and, for operators, by the gateway; see RegionRpc.

  async place(input: Parameters<RegionRpc['place']>[0]): Promise<Outcome<{ hostId: string }>> {
    return this.#placer.place(input);
  }

  async release(input: Parameters<RegionRpc['release']>[0]): Promise<void> {
    this.#placer.release(input);
  }

  async drain(who: Identity, hostId: string): Promise<Outcome<null>> {
    return this.#placer.drain(who, hostId);
  }

  async hosts(): Promise<HostSummary[]> {
    return summarizeHosts(this.#parts.registry.hosts(), this.#parts.sockets);
  }

  // Called by the platform.

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
    this.#parts.sockets.accept(server, hostId, region, Date.now());
    await this.#watch.arm();
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: { 'sec-websocket-protocol': SUBPROTOCOL },
    });
  }

  override async webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    await this.#messages.receive(socket, data);
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    await this.#watch.gone(socket);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    await this.#watch.gone(socket);
  }

  override async alarm(): Promise<void> {
    await this.#parts.alarms.fire(Date.now());
  }
}
