import type { AlarmUnit } from '../shared/alarms.ts';
import { z } from 'zod';
import type { IdempotencyAnswer } from '../shared/rpc.ts';

/** An answer is repeated for so long. */
export const IDEMPOTENCY_TTL_MS = 24 * 3_600_000;
/** A request that has not answered after so long died; the next one with its key carries on with its resource. */
export const IDEMPOTENCY_LEASE_MS = 30_000;
/** Keys kept per user; beyond it the oldest go. */
export const MAX_IDEMPOTENCY_KEYS = 10_000;

const Row = z.object({
  requestHash: z.string(),
  resourceId: z.string(),
  leaseUntilMs: z.number(),
  expiresAtMs: z.number(),
  status: z.number().nullable(),
  body: z.string().nullable(),
});

/** Idempotency keys of one user, and the answers they got. */
export class IdempotencyKeys implements AlarmUnit {
  readonly name = 'idempotency-keys';
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS idempotency_keys (
      key TEXT PRIMARY KEY, requestHash TEXT NOT NULL, resourceId TEXT NOT NULL, leaseUntilMs INTEGER NOT NULL,
      expiresAtMs INTEGER NOT NULL, status INTEGER, body TEXT)`);
    sql.exec('CREATE INDEX IF NOT EXISTS idempotency_keys_expiry ON idempotency_keys (expiresAtMs)');
  }

  /** See `UserRpc.reserveIdempotencyKey`. */
  reserve(key: string, requestHash: string, resourceId: string, nowMs: number): IdempotencyAnswer {
    const found = this.#sql.exec('SELECT * FROM idempotency_keys WHERE key = ?', key).toArray()[0];
    const row = found === undefined ? null : Row.parse(found);
    if (row === null || row.expiresAtMs <= nowMs) {
      this.#makeRoom(nowMs);
      this.#sql.exec(
        `INSERT OR REPLACE INTO idempotency_keys (key, requestHash, resourceId, leaseUntilMs, expiresAtMs)
         VALUES (?, ?, ?, ?, ?)`,
        key,
        requestHash,
        resourceId,
        nowMs + IDEMPOTENCY_LEASE_MS,
        nowMs + IDEMPOTENCY_TTL_MS,
      );
      return { state: 'fresh', resourceId };
    }
    if (row.requestHash !== requestHash) return { state: 'mismatch' };
    if (row.status !== null && row.body !== null)
      return { state: 'done', status: row.status, body: row.body };
    if (row.leaseUntilMs > nowMs) return { state: 'pending' };
    this.#sql.exec(
      'UPDATE idempotency_keys SET leaseUntilMs = ? WHERE key = ?',
      nowMs + IDEMPOTENCY_LEASE_MS,
      key,
    );
    return { state: 'fresh', resourceId: row.resourceId };
  }

  complete(key: string, status: number, body: string): void {
    this.#sql.exec('UPDATE idempotency_keys SET status = ?, body = ? WHERE key = ?', status, body, key);
  }

  /** Forgets a key that has no answer. */
  release(key: string): void {
    this.#sql.exec('DELETE FROM idempotency_keys WHERE key = ? AND status IS NULL', key);
  }

  run(nowMs: number): void {
    this.#sql.exec('DELETE FROM idempotency_keys WHERE expiresAtMs <= ?', nowMs);
  }

  dueMs(): number | null {
    const row = this.#sql.exec('SELECT min(expiresAtMs) AS ms FROM idempotency_keys').one();
    return typeof row['ms'] === 'number' ? row['ms'] : null;
  }

  #makeRoom(nowMs: number): void {
    this.run(nowMs);
    this.#sql.exec(
      `DELETE FROM idempotency_keys WHERE key IN
         (SELECT key FROM idempotency_keys ORDER BY expiresAtMs DESC LIMIT -1 OFFSET ?)`,
      MAX_IDEMPOTENCY_KEYS - 1,
    );
  }
}
