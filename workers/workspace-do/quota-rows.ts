import { z } from 'zod';
import { NOBODY } from '../shared/directory/deletions.ts';

const Session = z.object({
  id: z.string(),
  userId: z.string(),
  /** Until then it counts without the session having told of itself; null: it has. */
  reservedUntilMs: z.number().nullable(),
  /** Since when its sandbox runs; null: it does not. */
  runningSinceMs: z.number().nullable(),
  ...{ cpuMs: z.number(), diskBytes: z.number() },
});
export type QuotaSession = z.infer<typeof Session>;

const Day = z.object({
  ...{ sessionId: z.string(), day: z.string(), userId: z.string() },
  ...{ sandboxMs: z.number(), cpuMs: z.number(), spendUsd: z.number() },
});
export type UsageDay = z.infer<typeof Day>;
const Counts = z.object({
  ...{ all: z.number(), own: z.number(), diskBytes: z.number(), ownDiskBytes: z.number() },
});
const Sum = z.object({ sandboxMs: z.number(), cpuMs: z.number(), spendUsd: z.number() });

/** What a workspace's quotas are counted by: its sessions, what they used by day, and spend that is set aside. */
export class QuotaRows {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS quota_sessions (
      id TEXT PRIMARY KEY, userId TEXT NOT NULL, reservedUntilMs INTEGER, runningSinceMs INTEGER,
      cpuMs REAL NOT NULL, diskBytes REAL NOT NULL)`);
    sql.exec(`CREATE TABLE IF NOT EXISTS usage_days (
      sessionId TEXT NOT NULL, day TEXT NOT NULL, userId TEXT NOT NULL, sandboxMs REAL NOT NULL, cpuMs REAL NOT NULL,
      spendUsd REAL NOT NULL, PRIMARY KEY (day, sessionId))`);
    sql.exec(`CREATE TABLE IF NOT EXISTS spend_reservations (
      id TEXT PRIMARY KEY, usd REAL NOT NULL, expiresAtMs INTEGER NOT NULL)`);
  }

  session(id: string): QuotaSession | null {
    const found = this.#sql.exec('SELECT * FROM quota_sessions WHERE id = ?', id).toArray()[0];
    return found === undefined ? null : Session.parse(found);
  }

  putSession(row: QuotaSession): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO quota_sessions (id, userId, reservedUntilMs, runningSinceMs, cpuMs, diskBytes)
       VALUES (?, ?, ?, ?, ?, ?)`,
      ...[row.id, row.userId, row.reservedUntilMs, row.runningSinceMs, row.cpuMs, row.diskBytes],
    );
  }

  removeSession(id: string): void {
    this.#sql.exec('DELETE FROM quota_sessions WHERE id = ?', id);
  }

  /** Forgets reservations of what never came. */
  sweep(nowMs: number): void {
    this.#sql.exec('DELETE FROM quota_sessions WHERE reservedUntilMs <= ?', nowMs);
    this.#sql.exec('DELETE FROM spend_reservations WHERE expiresAtMs <= ?', nowMs);
  }

  /** Sessions that are there and what their files take: of all, and of one user. */
  counts(userId: string): z.infer<typeof Counts> {
    return Counts.parse(
      this.#sql
        .exec(
          `SELECT count(*) AS "all", coalesce(sum(userId = ?), 0) AS own, coalesce(sum(diskBytes), 0) AS diskBytes,
             coalesce(sum(iif(userId = ?, diskBytes, 0)), 0) AS ownDiskBytes FROM quota_sessions`,
          ...[userId, userId],
        )
        .one(),
    );
  }

  running(): QuotaSession[] {
    const found = this.#sql.exec('SELECT * FROM quota_sessions WHERE runningSinceMs IS NOT NULL').toArray();
    return z.array(Session).parse(found);
  }

  /** Adds to what a session used on a day. Out: what that is now. */
  addUsage(row: UsageDay): UsageDay {
    const found = this.#sql.exec(
      `INSERT INTO usage_days (sessionId, day, userId, sandboxMs, cpuMs, spendUsd) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (day, sessionId) DO UPDATE SET sandboxMs = sandboxMs + excluded.sandboxMs,
         cpuMs = cpuMs + excluded.cpuMs, spendUsd = spendUsd + excluded.spendUsd RETURNING *`,
      ...[row.sessionId, row.day, row.userId, row.sandboxMs, row.cpuMs, row.spendUsd],
    );
    return Day.parse(found.one());
  }

  /** What somebody used is nobody's from now on. */
  forget(userId: string): void {
    this.#sql.exec('UPDATE usage_days SET userId = ? WHERE userId = ?', NOBODY, userId);
  }

  /** What the sessions of one user, or of all (null), used in a month. */
  month(month: string, userId: string | null): z.infer<typeof Sum> {
    return Sum.parse(
      this.#sql
        .exec(
          `SELECT coalesce(sum(sandboxMs), 0) AS sandboxMs, coalesce(sum(cpuMs), 0) AS cpuMs,
             coalesce(sum(spendUsd), 0) AS spendUsd FROM usage_days
           WHERE day >= ? AND day < ? AND userId = coalesce(?, userId)`,
          ...[`${month}-00`, `${month}-99`, userId],
        )
        .one(),
    );
  }

  reserveSpend(id: string, usd: number, expiresAtMs: number): void {
    this.#sql.exec(
      'INSERT OR REPLACE INTO spend_reservations (id, usd, expiresAtMs) VALUES (?, ?, ?)',
      ...[id, usd, expiresAtMs],
    );
  }

  removeSpend(id: string): void {
    this.#sql.exec('DELETE FROM spend_reservations WHERE id = ?', id);
  }

  /** Spend that is set aside, but for the reservation with this id. */
  reservedUsd(exceptId: string): number {
    const found = this.#sql.exec(
      'SELECT coalesce(sum(usd), 0) AS usd FROM spend_reservations WHERE id <> ?',
      exceptId,
    );
    return z.number().parse(found.one()['usd']);
  }
}
