import type { AlarmUnit } from '../shared/alarms.ts';
import { z } from 'zod';
import type { IdempotencyAnswer } from '../shared/rpc.ts';
import { hasColumn, sealClearRows } from '../shared/vault/clear-columns.ts';
import { SealedPart } from '../shared/vault/sealed-part.ts';
import { oldestRecord, type SealedRows } from '../shared/vault/vault-care.ts';
import type { Vault } from '../shared/vault/vault.ts';

/** An answer is repeated for so long. */
export const IDEMPOTENCY_TTL_MS = 24 * 3_600_000;
/** A request that has not answered after so long died; the next one with its key carries on with its resource. */
export const IDEMPOTENCY_LEASE_MS = 30_000;
/** Keys kept per user; beyond it the oldest go. */
export const MAX_IDEMPOTENCY_KEYS = 10_000;

const Row = z.object({
  resourceId: z.string(),
  leaseUntilMs: z.number(),
  expiresAtMs: z.number(),
  status: z.number().nullable(),
  /** Sealed; see {@link Content}. */
  content: z.instanceof(ArrayBuffer).nullable(),
});
/** Requests and answers hold names. A hash of something short is as good as the thing itself. */
const Content = z.object({ requestHash: z.string(), body: z.string().nullable() });

/** Idempotency keys of one user, and the answers they got. */
export class IdempotencyKeys implements AlarmUnit, SealedRows {
  readonly name = 'idempotency-keys';
  readonly #sql: SqlStorage;
  readonly #sealed: SealedPart<typeof Content.shape>;

  constructor(sql: SqlStorage, vault: Vault) {
    this.#sql = sql;
    this.#sealed = new SealedPart(vault, 'idempotency-key', Content, { requestHash: '', body: null });
    sql.exec(`CREATE TABLE IF NOT EXISTS idempotency_keys (
      key TEXT PRIMARY KEY, resourceId TEXT NOT NULL, leaseUntilMs INTEGER NOT NULL, expiresAtMs INTEGER NOT NULL,
      status INTEGER, content BLOB)`);
    if (!hasColumn(sql, 'idempotency_keys', 'content'))
      sql.exec('ALTER TABLE idempotency_keys ADD COLUMN content BLOB');
    sql.exec('CREATE INDEX IF NOT EXISTS idempotency_keys_expiry ON idempotency_keys (expiresAtMs)');
  }

  get isEmpty(): boolean {
    return this.#sql.exec('SELECT 1 FROM idempotency_keys LIMIT 1').toArray().length === 0;
  }

  /** See `UserRpc.reserveIdempotencyKey`. */
  reserve(key: string, requestHash: string, resourceId: string, nowMs: number): IdempotencyAnswer {
    const found = this.#sql.exec('SELECT * FROM idempotency_keys WHERE key = ?', key).toArray()[0];
    const row = found === undefined ? null : Row.parse(found);
    if (row === null || row.expiresAtMs <= nowMs) {
      this.#makeRoom(nowMs);
      this.#sql.exec(
        `INSERT OR REPLACE INTO idempotency_keys (key, resourceId, leaseUntilMs, expiresAtMs, content)
         VALUES (?, ?, ?, ?, ?)`,
        ...[key, resourceId, nowMs + IDEMPOTENCY_LEASE_MS, nowMs + IDEMPOTENCY_TTL_MS],
        this.#sealed.seal(key, { requestHash, body: null }).buffer,
      );
      return { state: 'fresh', resourceId };
    }
    const content = this.#sealed.open(key, row.content);
    if (content.requestHash !== requestHash) return { state: 'mismatch' };
    if (row.status !== null && content.body !== null)
      return { state: 'done', status: row.status, body: content.body };
    if (row.leaseUntilMs > nowMs) return { state: 'pending' };
    this.#sql.exec(
      'UPDATE idempotency_keys SET leaseUntilMs = ? WHERE key = ?',
      nowMs + IDEMPOTENCY_LEASE_MS,
      key,
    );
    return { state: 'fresh', resourceId: row.resourceId };
  }

  complete(key: string, status: number, body: string): void {
    const found = this.#sql.exec('SELECT * FROM idempotency_keys WHERE key = ?', key).toArray()[0];
    if (found === undefined) return;
    const { requestHash } = this.#sealed.open(key, Row.parse(found).content);
    const content = this.#sealed.seal(key, { requestHash, body });
    this.#sql.exec(
      'UPDATE idempotency_keys SET status = ?, content = ? WHERE key = ?',
      ...[status, content.buffer, key],
    );
  }

  /** Seals what is there of before there was encryption; call with the vault unlocked. */
  sealClear(): void {
    if (!hasColumn(this.#sql, 'idempotency_keys', 'body')) return;
    sealClearRows(this.#sql, {
      ...{ table: 'idempotency_keys', key: 'key', columns: ['requestHash', 'body'] },
      seal: (key, { requestHash, body }) => this.#sealed.seal(key, Content.parse({ requestHash, body })),
    });
    for (const column of ['requestHash', 'body'])
      this.#sql.exec(`ALTER TABLE idempotency_keys DROP COLUMN ${column}`);
  }

  /** Nothing: keys live for a day, so that those of an old data key are gone soon. */
  reseal(): void {}

  oldest(): Uint8Array | null {
    return oldestRecord(this.#sql, 'idempotency_keys');
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
