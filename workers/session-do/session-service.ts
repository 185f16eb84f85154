import { SESSION_IDLE_MS, SESSION_TTL_MS } from '../../protocol/limits.ts';
import type {
  Member,
  Participant,
  Role,
  SessionInfo,
  TerminalInfo,
  TerminalSize,
} from '../../protocol/messages/session.ts';
import { fail, type Failure } from '../shared/outcome.ts';
import type { EventsPage, StateSnapshot, Identity, Outcome } from '../shared/rpc.ts';
import { MAX_LIFETIME_MS, MIN_LIFETIME_MS } from './limits.ts';
import type { Parts } from './parts.ts';
import { masker } from '../shared/log.ts';
import { lesser, may, standingTo, type Action } from '../shared/policy/session-actions.ts';
import { accessOf } from '../shared/policy/socket-access.ts';
import type { SessionRow } from './schema.ts';
import { toSessionInfo, toTerminalInfo } from './session-view.ts';

/** What callers of the session's RPC may do and get. The caller's identity is checked in every one. */
export class SessionService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  create(
    who: Identity,
    input: { id: string; name: string; region: string; ttlMs?: number; idleTimeoutMs?: number },
  ): Outcome<SessionInfo> {
    const { records, memberRows, lifecycle, index, placement, keys, audit } = this.#parts;
    if (records.current !== null) return fail('conflict', 'This session exists already.');
    const nowMs = Date.now();
    const name = masker.text(input.name);
    records.create(
      {
        id: input.id,
        name,
        ownerId: who.userId,
        workspaceId: who.workspaceId,
        region: input.region,
        status: 'idle',
        createdAtMs: nowMs,
        lastAccessedAtMs: nowMs,
        ttlMs: lifetimeMs(input.ttlMs ?? SESSION_TTL_MS),
        idleTimeoutMs: lifetimeMs(input.idleTimeoutMs ?? SESSION_IDLE_MS),
        messageCount: 0,
        activeTools: [],
        cpuMs: 0,
        memoryBytes: 0,
        diskBytes: 0,
        processes: 0,
        sampledAtMs: null,
        lastSeq: 0,
        nextChannel: 1,
        nextStream: 1,
        epoch: 0,
        awaitedEpoch: 0,
        hostId: null,
        hostState: 'none',
        hostMessage: null,
        placementAttempts: 0,
        incarnation: null,
        placedOnce: false,
        pendingStop: null,
        deleted: false,
        indexDirty: true,
      },
      { kind: 'CREATE', subject: 'session.created', data: { name, region: input.region } },
      () => {
        const { userId, displayName } = who;
        audit.note(who, { action: 'session.create', detail: { region: input.region } });
        const row = { userId, displayName, addedAtMs: nowMs, ...OF_CREATOR };
        memberRows.put({ ...row, role: 'owner' });
      },
    );
    lifecycle.restore();
    lifecycle.watchExpiry();
    keys.watch();
    index.drain();
    const created = this.#info();
    placement.anticipate();
    return { ok: true, value: created };
  }

  get(who: Identity): Outcome<SessionInfo> {
    const row = this.#permitted(who, 'rpc.get');
    if (!row.ok) return row;
    const { host, lifecycle, records } = this.#parts;
    const sampledAtMs = records.row.sampledAtMs ?? 0;
    // The answer to this one is in the next get.
    if (host.ready && Date.now() - sampledAtMs > USAGE_FRESH_MS) lifecycle.sampleUsage();
    return { ok: true, value: this.#info() };
  }

  rename(who: Identity, asked: string): Outcome<SessionInfo> {
    const name = masker.text(asked);
    const row = this.#usable(who, 'rpc.rename');
    if (!row.ok) return row;
    const { records, index, lifecycle } = this.#parts;
    lifecycle.active();
    records.commit(
      { kind: 'UPDATE', subject: 'session.renamed', data: { name } },
      { name, indexDirty: true },
      () => this.#parts.audit.note(who, { action: 'session.rename' }),
    );
    index.drain();
    return { ok: true, value: this.#info() };
  }

  async destroy(who: Identity): Promise<Outcome<null>> {
    const row = this.#permitted(who, 'rpc.destroy');
    if (!row.ok) return row;
    await this.#parts.lifecycle.destroy(who);
    return { ok: true, value: null };
  }

  openTerminal(
    who: Identity,
    input: { size: TerminalSize; title?: string; command?: string[]; requestId?: string },
  ): Outcome<TerminalInfo> {
    const row = this.#usable(who, 'rpc.openTerminal');
    if (!row.ok) return row;
    const requestKey = input.requestId === undefined ? null : `${who.userId}\n\n${input.requestId}`;
    return this.#parts.terminals.open(who, input, requestKey);
  }

  listTerminals(who: Identity): Outcome<TerminalInfo[]> {
    const row = this.#permitted(who, 'rpc.listTerminals');
    if (!row.ok) return row;
    return { ok: true, value: this.#parts.terminalRows.all().map(toTerminalInfo) };
  }

  closeTerminal(who: Identity, channel: number): Outcome<TerminalInfo> {
    const row = this.#usable(who, 'rpc.closeTerminal');
    return row.ok ? this.#parts.terminals.close(who, channel) : row;
  }

  /** `role`: the most the ticket's bearer may do; not more than the caller may. */
  async mintTicket(who: Identity, role?: Role): Promise<Outcome<{ ticket: string; expiresAt: string }>> {
    const { tickets, placement, members, memberRows } = this.#parts;
    const drawn = await tickets.draw();
    // Asked after the wait, so that nothing can change between the check and the write.
    const row = this.#usable(who, 'rpc.mintTicket');
    if (!row.ok) return row;
    const { userId, displayName } = who;
    const own = memberRows.roleOf(userId);
    if (role !== undefined && own !== null && lesser(own, role) !== role)
      return fail('forbidden', `You have the role ${own} here; a ticket cannot give more.`);
    members.seen(who);
    const access = accessOf(who, Date.now());
    const admitted = tickets.admitViewer(drawn.hash, { userId, displayName, cap: role ?? null, access });
    if (admitted === null)
      return fail('rate-limited', 'Too many unused tickets; try again in half a minute.');
    // One's own is how one connects; one with a role is made for somebody else.
    if (role !== undefined) this.#parts.audit.note(who, { action: 'session.ticket', detail: { role } });
    placement.anticipate();
    const expiresAt = new Date(admitted.expiresAtMs).toISOString();
    return { ok: true, value: { ticket: drawn.ticket, expiresAt } };
  }

  getState(who: Identity): Outcome<StateSnapshot> {
    const row = this.#permitted(who, 'rpc.getState');
    return row.ok ? { ok: true, value: this.#parts.events.current } : row;
  }

  listEvents(who: Identity, input: { since: number | null; limit: number }): Outcome<EventsPage> {
    const row = this.#permitted(who, 'rpc.listEvents');
    if (!row.ok) return row;
    const { events } = this.#parts;
    const found = events.since(input.since ?? events.oldest - 1, input.limit);
    if (found !== null) return { ok: true, value: { events: found, version: events.current.version } };
    const kept = `${events.oldest} to ${events.current.version}`;
    return fail('gone', `The log has the events ${kept}; take the state instead and go on from its version.`);
  }

  listParticipants(who: Identity): Outcome<Participant[]> {
    const row = this.#permitted(who, 'rpc.listParticipants');
    return row.ok ? { ok: true, value: this.#parts.participants.list() } : row;
  }

  listMembers(who: Identity): Outcome<Member[]> {
    const row = this.#permitted(who, 'rpc.listMembers');
    return row.ok ? { ok: true, value: this.#parts.members.list() } : row;
  }

  async setMember(who: Identity, userId: string, role: Role): Promise<Outcome<Member>> {
    const before = this.#usable(who, 'rpc.setMember');
    if (!before.ok) return before;
    const { WORKSPACES } = this.#parts.env;
    const workspace = WORKSPACES.get(WORKSPACES.idFromName(before.value.workspaceId));
    const place = await workspace.standing(userId);
    // Asked again after the wait, so that nothing can change between the check and the write.
    const row = this.#usable(who, 'rpc.setMember');
    return row.ok ? this.#parts.members.set(who, userId, role, place) : row;
  }

  removeMember(who: Identity, userId: string): Outcome<null> {
    const row = this.#permitted(who, userId === who.userId ? 'rpc.leave' : 'rpc.removeMember');
    return row.ok ? this.#parts.members.remove(who, userId) : row;
  }

  /** Identity in, standing out: it allows what is asked. To others the session does not exist. */
  #permitted(who: Identity, action: Action): Outcome<SessionRow> {
    const row = this.#parts.records.current;
    if (row === null || row.deleted) return noSuchSession();
    const standing = standingTo(this.#parts.memberRows.roleFor(who, row.workspaceId), row.workspaceId, who);
    if (standing === null) return noSuchSession();
    // The policy of this session's workspace has to be asked first.
    if (who.workspaceId !== row.workspaceId) return { ...noSuchSession(), elsewhere: row.workspaceId };
    if (may(standing, action)) return { ok: true, value: row };
    return fail(
      'forbidden',
      standing === 'steward'
        ? 'Not as an admin of its workspace; ask an owner of the session to share it with you.'
        : `Not as ${standing} of this session; ask an owner for another role.`,
    );
  }

  /** Whether the caller may do this now; for what other units offer. */
  readonly check = (who: Identity, action: Action): Outcome<SessionRow> => this.#usable(who, action);

  #usable(who: Identity, action: Action): Outcome<SessionRow> {
    const row = this.#permitted(who, action);
    if (row.ok && row.value.status === 'expired') return fail('gone', 'The session has expired.');
    return row;
  }

  #info(): SessionInfo {
    const { records, terminalRows, lifecycle } = this.#parts;
    return toSessionInfo(records.row, terminalRows.all(), lifecycle.lastActivityMs);
  }
}

/** Of the member who makes the session. */
const OF_CREATOR = { outside: false, linkId: null, expiresAtMs: null, indexDirty: true };
/** A usage sample younger than this is not asked for again. */
const USAGE_FRESH_MS = 10_000;

function noSuchSession(): Failure {
  return fail('not-found', 'There is no such session.');
}

function lifetimeMs(askedMs: number): number {
  return Math.min(MAX_LIFETIME_MS, Math.max(MIN_LIFETIME_MS, Math.round(askedMs)));
}
