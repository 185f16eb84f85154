import { z } from 'zod';
import type { WrappedKey } from './kek.ts';
import type { Owner } from './record.ts';

const Row = z.object({
  number: z.int(),
  kekId: z.string(),
  wrapped: z.instanceof(ArrayBuffer),
  tenant: z.string(),
  subject: z.string(),
  createdAtMs: z.int(),
  subkeys: z.int(),
});

/** A wrapped data key, whose it is, and how many subkeys were drawn from it. */
export interface KeyRow {
  number: number;
  wrapped: WrappedKey;
  owner: Owner;
  createdAtMs: number;
  subkeys: number;
}

/** Number of the row that says that the keys were destroyed. */
const TOMBSTONE = 0;

/** The wrapped data keys of one actor, in its SQLite. */
export class KeyRows {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  get exist(): boolean {
    const found = this.#sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'vault_keys'");
    return found.toArray().length > 0;
  }

  /** Makes the table; call once before anything else. */
  prepare(): void {
    this.#sql.exec(`CREATE TABLE IF NOT EXISTS vault_keys (
      number INTEGER PRIMARY KEY, kekId TEXT NOT NULL, wrapped BLOB NOT NULL, tenant TEXT NOT NULL,
      subject TEXT NOT NULL, createdAtMs INTEGER NOT NULL, subkeys INTEGER NOT NULL)`);
  }

  /** All keys, oldest first; null when they were destroyed. */
  all(): KeyRow[] | null {
    const rows = z.array(Row).parse(this.#sql.exec('SELECT * FROM vault_keys ORDER BY number').toArray());
    if (rows.some(({ number }) => number === TOMBSTONE)) return null;
    return rows.map(({ kekId, wrapped, tenant, subject, ...rest }) => ({
      ...rest,
      wrapped: { kekId, bytes: new Uint8Array(wrapped) },
      owner: { tenant, subject },
    }));
  }

  insert({ number, wrapped, owner, createdAtMs, subkeys }: KeyRow): void {
    this.#sql.exec(
      'INSERT INTO vault_keys VALUES (?, ?, ?, ?, ?, ?, ?)',
      ...[number, wrapped.kekId, exact(wrapped.bytes), owner.tenant, owner.subject, createdAtMs, subkeys],
    );
  }

  /** The same data key under another key-encryption key. */
  rewrap(number: number, { kekId, bytes }: WrappedKey): void {
    const row = [kekId, exact(bytes), number];
    this.#sql.exec('UPDATE vault_keys SET kekId = ?, wrapped = ? WHERE number = ?', ...row);
  }

  subkeyDrawn(number: number): void {
    this.#sql.exec('UPDATE vault_keys SET subkeys = subkeys + 1 WHERE number = ?', number);
  }

  /** Destroys keys: overwritten first, because SQLite leaves what it deletes where it was. */
  destroyBelow(number: number): void {
    this.#sql.exec('UPDATE vault_keys SET wrapped = zeroblob(length(wrapped)) WHERE number < ?', number);
    this.#sql.exec('DELETE FROM vault_keys WHERE number < ?', number);
  }

  /** Destroys all keys for good. */
  destroyAll(): void {
    this.destroyBelow(Number.MAX_SAFE_INTEGER);
    const wrapped = { kekId: '', bytes: new Uint8Array(0) };
    const owner = { tenant: '', subject: '' };
    this.insert({ number: TOMBSTONE, wrapped, owner, createdAtMs: 0, subkeys: 0 });
  }
}

/** The bytes alone, which may be part of a larger buffer. */
function exact(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
