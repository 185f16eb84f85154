import type { WorkspaceUsage } from '../../protocol/messages/usage.ts';
import type { DirectoryOutbox } from '../shared/directory/outbox.ts';
import type { DirectorySession } from '../shared/directory/sessions.ts';
import { usageKind } from '../shared/directory/usage.ts';
import { fail } from '../shared/outcome.ts';
import type { Outcome } from '../shared/rpc.ts';
import type { SessionUsage } from '../shared/usage-rpc.ts';
import type { QuotaLimits } from './quota-limits.ts';
import type { QuotaRows, QuotaSession } from './quota-rows.ts';
import { dayOf, monthEndMs, monthOf, splitByDay } from './usage-days.ts';

/** A session that was let in and has not told of itself for so long was never made. */
export const SESSION_RESERVATION_MS = 60_000;
/** Spend that is set aside and not settled for so long is set free: whoever wanted it died. */
export const SPEND_RESERVATION_MS = 3_600_000;
const HOUR_MS = 3_600_000;

/**
 * Exact limits of a workspace, and the ledger of what it uses. Room for a session is reserved before it is made, confirmed
 * when it tells of itself, and free again when it is deleted, or was never made: sessions tell until they were heard, so
 * whatever crashes, the count comes right by itself. Spend is reserved before and settled after, by any id.
 */
export class Quotas {
  readonly #rows: QuotaRows;
  readonly #limits: QuotaLimits;
  readonly #directory: DirectoryOutbox;
  readonly #workspaceId: () => string;

  constructor(rows: QuotaRows, limits: QuotaLimits, directory: DirectoryOutbox, workspaceId: () => string) {
    this.#rows = rows;
    this.#limits = limits;
    this.#directory = directory;
    this.#workspaceId = workspaceId;
  }

  /** Room for a session of a user. A repeated request has what it was given. `limit-exceeded`: there is none. */
  reserveSession(userId: string, id: string, nowMs: number): Outcome<null> {
    this.#rows.sweep(nowMs);
    if (this.#rows.session(id) !== null) return { ok: true, value: null };
    const { userSessions, workspaceSessions, storageBytes } = this.#limits;
    const { all, own, diskBytes } = this.#rows.counts(userId);
    if (own >= userSessions) return full(`At most ${userSessions} sessions of yours here; delete one first.`);
    if (all >= workspaceSessions)
      return full(`At most ${workspaceSessions} sessions in this workspace; delete one first.`);
    if (storageBytes !== null && diskBytes >= storageBytes)
      return full(
        `The workspace's storage (${storageBytes} bytes) is full; delete files or a session first.`,
      );
    const spend = this.#spendFits('', 0, nowMs);
    if (!spend.ok) return spend;
    const reservedUntilMs = nowMs + SESSION_RESERVATION_MS;
    this.#rows.putSession({ id, userId, reservedUntilMs, runningSinceMs: null, cpuMs: 0, diskBytes: 0 });
    return { ok: true, value: null };
  }

  /** A session is like this now. */
  told(row: DirectorySession, used: SessionUsage, nowMs: number): void {
    const before = this.#rows.session(row.id);
    const runs = row.deletedAt === null && (row.status === 'running' || row.status === 'starting');
    if (before !== null) this.#book(before, used.cpuMs, nowMs);
    if (row.deletedAt !== null) return this.#rows.removeSession(row.id);
    const { id, ownerId: userId } = row;
    const runningSinceMs = runs ? nowMs : null;
    this.#rows.putSession({ id, userId, reservedUntilMs: null, runningSinceMs, ...used });
  }

  /** Sets spend aside for something that is about to be done, known by `id`. `limit-exceeded`: it does not fit the month. */
  reserveSpend(id: string, usd: number, nowMs: number): Outcome<null> {
    this.#rows.sweep(nowMs);
    const fits = this.#spendFits(id, usd, nowMs);
    if (fits.ok) this.#rows.reserveSpend(id, usd, nowMs + SPEND_RESERVATION_MS);
    return fits;
  }

  /** It was done, and this is what it came to, also when that is more than was set aside; zero: it was not done. */
  settleSpend(id: string, spent: { sessionId: string; userId: string; usd: number }, nowMs: number): void {
    this.#rows.removeSpend(id);
    const { sessionId, userId, usd } = spent;
    if (usd > 0)
      this.#add({ sessionId, userId, day: dayOf(nowMs), sandboxMs: 0, cpuMs: 0, spendUsd: usd }, nowMs);
  }

  /** The account of somebody who was here is gone. */
  forget(userId: string): void {
    this.#rows.forget(userId);
  }

  /** What is used of what there is, as a member sees it. */
  usage(userId: string, nowMs: number): WorkspaceUsage {
    this.#rows.sweep(nowMs);
    const { all, own, diskBytes, ownDiskBytes } = this.#rows.counts(userId);
    const { userSessions, workspaceSessions, storageBytes, usdPerMonth } = this.#limits;
    return {
      month: monthOf(nowMs),
      resetsAt: new Date(monthEndMs(nowMs)).toISOString(),
      limits: { userSessions, workspaceSessions, storageBytes, usdPerMonth },
      used: {
        ...{ userSessions: own, workspaceSessions: all, storageBytes: diskBytes },
        ...this.#month(nowMs, null),
      },
      own: { storageBytes: ownDiskBytes, ...this.#month(nowMs, userId) },
    };
  }

  #spendFits(id: string, usd: number, nowMs: number): Outcome<null> {
    const { usdPerMonth } = this.#limits;
    if (usdPerMonth === null) return { ok: true, value: null };
    const left = usdPerMonth - this.#month(nowMs, null).spendUsd - this.#rows.reservedUsd(id);
    if (usd <= left && left > 0) return { ok: true, value: null };
    return full(
      `The workspace may spend ${usdPerMonth} USD a month; ${Math.max(0, left).toFixed(2)} are left.`,
    );
  }

  /** With what runs now, up to now; of one user, or of all. */
  #month(nowMs: number, userId: string | null): { sandboxMs: number; cpuMs: number; spendUsd: number } {
    const month = monthOf(nowMs);
    const { sandboxMs, cpuMs, spendUsd } = this.#rows.month(month, userId);
    const since = this.#rows
      .running()
      .filter((session) => userId === null || session.userId === userId)
      .flatMap(({ runningSinceMs }) => splitByDay(runningSinceMs ?? nowMs, nowMs));
    const runningMs = since.filter(({ day }) => day.startsWith(month)).reduce((sum, { ms }) => sum + ms, 0);
    return { sandboxMs: sandboxMs + runningMs, cpuMs, spendUsd: spendUsd + this.#usdFor(runningMs) };
  }

  /** Books what a session used since it was last told of. Its CPU time begins anew with each of its sandboxes. */
  #book(before: QuotaSession, cpuMs: number, nowMs: number): void {
    const { id: sessionId, userId, runningSinceMs } = before;
    for (const { day, ms } of splitByDay(runningSinceMs ?? nowMs, nowMs))
      this.#add({ sessionId, userId, day, sandboxMs: ms, cpuMs: 0, spendUsd: this.#usdFor(ms) }, nowMs);
    const newCpuMs = cpuMs >= before.cpuMs ? cpuMs - before.cpuMs : cpuMs;
    if (newCpuMs > 0)
      this.#add({ sessionId, userId, day: dayOf(nowMs), sandboxMs: 0, cpuMs: newCpuMs, spendUsd: 0 }, nowMs);
  }

  #add(row: Parameters<QuotaRows['addUsage']>[0], nowMs: number): void {
    const { sandboxMs, cpuMs, ...sum } = this.#rows.addUsage(row);
    this.#directory.put(usageKind, {
      ...sum,
      workspaceId: this.#workspaceId(),
      sandboxMs: Math.round(sandboxMs),
      cpuMs: Math.round(cpuMs),
      toldAt: new Date(nowMs).toISOString(),
    });
  }

  #usdFor(sandboxMs: number): number {
    return (sandboxMs / HOUR_MS) * this.#limits.sandboxUsdPerHour;
  }
}

function full(detail: string): Outcome<null> {
  return fail('limit-exceeded', detail);
}
