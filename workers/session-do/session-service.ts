import { SESSION_IDLE_MS, SESSION_TTL_MS } from '../../protocol/limits.ts';
import type { SessionInfo, TerminalInfo, TerminalSize } from '../../protocol/messages/session.ts';
import type { Identity, Outcome } from '../shared/rpc.ts';
import { MAX_LIFETIME_MS, MIN_LIFETIME_MS } from './limits.ts';
import type { Parts } from './parts.ts';
import type { SessionRow } from './schema.ts';
import { toSessionInfo, toTerminalInfo } from './session-view.ts';

type Failure = Extract<Outcome<never>, { ok: false }>;

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
    const { records, lifecycle, index, placement } = this.#parts;
    if (records.current !== null) return fail('conflict', 'This session exists already.');
    const nowMs = Date.now();
    records.create(
      {
        id: input.id,
        name: input.name,
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
      { kind: 'CREATE', subject: 'session.created', data: { name: input.name, region: input.region } },
    );
    lifecycle.restore();
    lifecycle.watchExpiry();
    index.drain();
    const created = this.#info();
    placement.anticipate();
    return { ok: true, value: created };
  }

  get(who: Identity): Outcome<SessionInfo> {
    const row = this.#visible(who);
    if (!row.ok) return row;
    const { host, lifecycle, records } = this.#parts;
    const sampledAtMs = records.row.sampledAtMs ?? 0;
    // The answer to this one is in the next get.
    if (host.ready && Date.now() - sampledAtMs > USAGE_FRESH_MS) lifecycle.sampleUsage();
    return { ok: true, value: this.#info() };
  }

  rename(who: Identity, name: string): Outcome<SessionInfo> {
    const row = this.#usable(who);
    if (!row.ok) return row;
    const { records, terminals, index, lifecycle } = this.#parts;
    lifecycle.active();
    records.commit(
      { kind: 'UPDATE', subject: 'session.renamed', data: { name } },
      { name, indexDirty: true },
    );
    terminals.broadcastSession();
    index.drain();
    return { ok: true, value: this.#info() };
  }

  async destroy(who: Identity): Promise<Outcome<null>> {
    const row = this.#visible(who);
    if (!row.ok) return row;
    await this.#parts.lifecycle.destroy();
    return { ok: true, value: null };
  }

  openTerminal(
    who: Identity,
    input: { size: TerminalSize; title?: string; command?: string[]; requestId?: string },
  ): Outcome<TerminalInfo> {
    const row = this.#usable(who);
    if (!row.ok) return row;
    const requestKey = input.requestId === undefined ? null : `${who.userId}\n\n${input.requestId}`;
    return this.#parts.terminals.open(input, requestKey, null);
  }

  listTerminals(who: Identity): Outcome<TerminalInfo[]> {
    const row = this.#visible(who);
    if (!row.ok) return row;
    return { ok: true, value: this.#parts.terminalRows.all().map(toTerminalInfo) };
  }

  closeTerminal(who: Identity, channel: number): Outcome<TerminalInfo> {
    const row = this.#usable(who);
    return row.ok ? this.#parts.terminals.close(channel) : row;
  }

  async mintTicket(who: Identity): Promise<Outcome<{ ticket: string; expiresAt: string }>> {
    const { tickets, placement } = this.#parts;
    const drawn = await tickets.draw();
    // Asked after the wait, so that nothing can change between the check and the write.
    const row = this.#usable(who);
    if (!row.ok) return row;
    const { userId, displayName } = who;
    const admitted = tickets.admit(drawn.hash, { door: 'viewer', userId, displayName });
    if (admitted === null)
      return fail('rate-limited', 'Too many unused tickets; try again in half a minute.');
    placement.anticipate();
    const expiresAt = new Date(admitted.expiresAtMs).toISOString();
    return { ok: true, value: { ticket: drawn.ticket, expiresAt } };
  }

  /** A session that is not yours answers exactly as one that does not exist. */
  #visible(who: Identity): Outcome<SessionRow> {
    const row = this.#parts.records.current;
    if (row === null || row.deleted || row.ownerId !== who.userId) {
      return fail('not-found', 'There is no such session.');
    }
    return { ok: true, value: row };
  }

  #usable(who: Identity): Outcome<SessionRow> {
    const row = this.#visible(who);
    if (row.ok && row.value.status === 'expired') return fail('gone', 'The session has expired.');
    return row;
  }

  #info(): SessionInfo {
    const { records, terminalRows, lifecycle } = this.#parts;
    return toSessionInfo(records.row, terminalRows.all(), lifecycle.lastActivityMs);
  }
}

/** A usage sample younger than this is not asked for again. */
const USAGE_FRESH_MS = 10_000;

function fail(code: Failure['code'], detail: string): Failure {
  return { ok: false, code, detail };
}

function lifetimeMs(askedMs: number): number {
  return Math.min(MAX_LIFETIME_MS, Math.max(MIN_LIFETIME_MS, Math.round(askedMs)));
}
