import { DurableObject } from 'cloudflare:workers';
import { KEEPALIVE_PING, KEEPALIVE_PONG } from '../../protocol/limits.ts';
import type {
  Member,
  Participant,
  Role,
  SessionInfo,
  TerminalInfo,
  TerminalSize,
} from '../../protocol/messages/session.ts';
import type { ShareLink } from '../../protocol/messages/share-link.ts';
import type { Env } from '../shared/env.ts';
import { isolate } from '../shared/isolate.ts';
import type {
  EventsPage,
  Identity,
  Outcome,
  SessionExportPart,
  SessionRpc,
  StateSnapshot,
} from '../shared/rpc.ts';
import type { KeptPlaces } from '../shared/sockets-rpc.ts';
import { assemble, restore } from './assemble.ts';
import { migrateDatabase, openDatabase, storedSession, type Database } from './database.ts';
import { Doors } from './doors.ts';
import { exportPart } from './export.ts';
import { HostMessages } from './host-messages.ts';
import type { Parts } from './parts.ts';
import { SessionService } from './session-service.ts';
import type { LinkBearer, NewShareLink, Redeemed } from './share-links.ts';
import { SharingService } from './sharing-service.ts';
import { ViewerMessages } from './viewer-messages.ts';

/**
 * One session: its record, event log, participants and terminals, between the viewers' sockets and the one data socket
 * of the host that runs its sandbox.
 *
 * Life: created by RPC; gets a host when a terminal is opened or attached to; sleeps (hibernates) whenever nothing
 * comes in, with its sockets open; is suspended by alarm when nobody uses it, expires by alarm, and ends by `destroy`,
 * after which nothing of it is stored. This class only hands work to the units that do it; see ./parts.ts.
 */
export class SessionDO extends DurableObject<Env> implements SessionRpc {
  readonly #database: Database;
  readonly #parts: Parts;
  readonly #service: SessionService;
  readonly #sharing: SharingService;
  readonly #doors: Doors;
  readonly #fromViewers: ViewerMessages;
  readonly #fromHost: HostMessages;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    isolate.sessionActorStarts += 1;
    this.#database = openDatabase(ctx.storage);
    this.#parts = assemble(ctx, env, this.#database);
    this.#service = new SessionService(this.#parts);
    this.#sharing = new SharingService(this.#parts, this.#service.check);
    const fromViewers = new ViewerMessages(this.#parts);
    this.#fromViewers = fromViewers;
    this.#parts.access.onMessage = (viewer, message) => fromViewers.receive(viewer, message);
    this.#fromHost = new HostMessages(this.#parts);
    this.#doors = new Doors(this.#parts, this.#fromHost);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(KEEPALIVE_PING, KEEPALIVE_PONG));
    void ctx.blockConcurrencyWhile(async () => {
      const stored = storedSession(ctx.storage);
      if (stored === null) return;
      await this.#openStorage(stored.id, stored.workspaceId);
      restore(this.#parts, await ctx.storage.getAlarm());
    });
  }

  // Called by the gateway, see SessionRpc.

  async create(who: Identity, input: Parameters<SessionRpc['create']>[1]): Promise<Outcome<SessionInfo>> {
    return this.ctx.blockConcurrencyWhile(async () => {
      if (this.#parts.records.current === null) await this.#openStorage(input.id, who.workspaceId);
      return this.#service.create(who, input);
    });
  }

  async get(who: Identity): Promise<Outcome<SessionInfo>> {
    return this.#service.get(who);
  }

  async rename(who: Identity, name: string): Promise<Outcome<SessionInfo>> {
    return this.#service.rename(who, name);
  }

  async destroy(who: Identity): Promise<Outcome<null>> {
    return this.#service.destroy(who);
  }

  async openTerminal(
    who: Identity,
    input: { size: TerminalSize; title?: string; command?: string[]; requestId?: string },
  ): Promise<Outcome<TerminalInfo>> {
    return this.#service.openTerminal(who, input);
  }

  async listTerminals(who: Identity): Promise<Outcome<TerminalInfo[]>> {
    return this.#service.listTerminals(who);
  }

  async closeTerminal(who: Identity, channel: number): Promise<Outcome<TerminalInfo>> {
    return this.#service.closeTerminal(who, channel);
  }

  async mintTicket(who: Identity, role?: Role): Promise<Outcome<{ ticket: string; expiresAt: string }>> {
    return this.#service.mintTicket(who, role);
  }

  async getState(who: Identity): Promise<Outcome<StateSnapshot>> {
    return this.#service.getState(who);
  }

  async listEvents(
    who: Identity,
    input: { since: number | null; limit: number },
  ): Promise<Outcome<EventsPage>> {
    return this.#service.listEvents(who, input);
  }

  async listParticipants(who: Identity): Promise<Outcome<Participant[]>> {
    return this.#service.listParticipants(who);
  }

  async listMembers(who: Identity): Promise<Outcome<Member[]>> {
    return this.#service.listMembers(who);
  }

  async setMember(who: Identity, userId: string, role: Role): Promise<Outcome<Member>> {
    return this.#service.setMember(who, userId, role);
  }

  async removeMember(who: Identity, userId: string): Promise<Outcome<null>> {
    return this.#service.removeMember(who, userId);
  }

  async transfer(who: Identity, userId: string): Promise<Outcome<null>> {
    return this.#sharing.transfer(who, userId);
  }

  async createShareLink(who: Identity, input: NewShareLink): Promise<Outcome<ShareLink>> {
    return this.#sharing.createLink(who, input);
  }

  async listShareLinks(who: Identity): Promise<Outcome<ShareLink[]>> {
    return this.#sharing.listLinks(who);
  }

  async revokeShareLink(who: Identity, id: string): Promise<Outcome<null>> {
    return this.#sharing.revokeLink(who, id);
  }

  async redeemShareLink(token: string, bearer: LinkBearer): Promise<Outcome<Redeemed>> {
    return this.#sharing.redeem(token, bearer);
  }

  async exportPart(who: Identity, after: number | null): Promise<Outcome<SessionExportPart>> {
    const row = this.#service.check(who, 'rpc.exportPart');
    return row.ok ? { ok: true, value: exportPart(this.#parts, who, after) } : row;
  }

  // Called by the workspace.

  async limitMember(userId: string, limit: 'viewer' | null, successorId: string): Promise<void> {
    const row = this.#parts.records.current;
    if (row !== null && !row.deleted) this.#parts.members.limit(userId, limit, successorId);
  }

  async destroyWithWorkspace(): Promise<'gone' | 'going'> {
    const { records, lifecycle } = this.#parts;
    if (records.current?.deleted === false) await lifecycle.destroy(null);
    return records.current === null ? 'gone' : 'going';
  }

  // Called by the user's actor.

  async neededSocketPlaces(userId: string, knownVersion: number): Promise<KeptPlaces> {
    return this.#parts.places.giveUpUnneeded(userId, knownVersion);
  }

  // Called by the region.

  async placementFailed(epoch: number, detail: string): Promise<void> {
    if (this.#parts.records.current !== null) this.#parts.placement.hostGivenUp(epoch, detail);
  }

  async hostWants(epoch: number): Promise<void> {
    const { records, placement } = this.#parts;
    if (records.current?.epoch !== epoch) return;
    placement.dropSilent();
    placement.wake();
    placement.wantNow();
  }

  // Called by the platform.

  override async fetch(request: Request): Promise<Response> {
    return this.#doors.open(request);
  }

  override async alarm(): Promise<void> {
    const { records, timers, lifecycle } = this.#parts;
    if (records.current === null) return;
    const nowMs = Date.now();
    await lifecycle.alarm(timers.takeDue(nowMs), nowMs);
    if (records.current !== null) timers.rearm();
  }

  /** The hot path: one lookup, one look at the gate, then the frame goes where it belongs. */
  override webSocketMessage(ws: WebSocket, message: string | ArrayBuffer): void {
    const { participants, host } = this.#parts;
    const viewer = participants.get(ws);
    if (viewer !== undefined) {
      if (viewer.admits(message)) this.#fromViewers.receive(viewer, message);
    } else if (host.is(ws)) {
      host.heard(Date.now());
      if (typeof message === 'string') this.#fromHost.text(message);
      else this.#fromHost.frame(message);
    }
  }

  override webSocketClose(ws: WebSocket, code: number): void {
    this.#left(ws);
    // Completes the closing handshake; 1005 and 1006 may not be sent.
    if (code !== 1005 && code !== 1006) ws.close(code);
  }

  override webSocketError(ws: WebSocket): void {
    this.#left(ws);
  }

  /** Rejects with a `VaultError` when what is stored cannot be decrypted: then the actor does not start. */
  async #openStorage(sessionId: string, workspaceId: string): Promise<void> {
    await this.#parts.keys.unlock(sessionId, workspaceId);
    await migrateDatabase(this.#database, this.ctx.storage, this.#parts.vault);
  }

  #left(ws: WebSocket): void {
    const { participants, host, placement, hub, records } = this.#parts;
    participants.leave(ws);
    if (!host.is(ws)) return;
    host.forget();
    hub.unlinked();
    if (records.current !== null) placement.lost('The sandbox host is out of reach; reconnecting.');
  }
}
