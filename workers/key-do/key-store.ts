import { z } from 'zod';
import type { ApiKey } from '../../protocol/messages/api-key.ts';
import { Scope } from '../../protocol/messages/scopes.ts';
import { NEW_NETWORK_MS } from '../shared/policy/risk.ts';

/** Networks remembered of one key; the one seen longest ago goes first. */
const MAX_NETWORKS = 16;

const Row = z.object({
  ...{ id: z.string(), hash: z.string(), name: z.string() },
  scopes: z.string().transform((text) => z.array(Scope).parse(JSON.parse(text))),
  ...{ userId: z.string(), displayName: z.string(), workspaceId: z.string() },
  operator: z.number().transform((flag) => flag !== 0),
  createdAtMs: z.number(),
  expiresAtMs: z.number().nullable(),
  lastUsedAtMs: z.number().nullable(),
  revokedAtMs: z.number().nullable(),
});
export type KeyRow = z.infer<typeof Row>;

/** The one row of a key and the networks it was used from. Nothing is stored, not even a table, before there is a key. */
export class KeyStore {
  readonly #sql: SqlStorage;
  #row: KeyRow | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    const tables = sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'key'").toArray();
    const found = tables.length === 0 ? undefined : sql.exec('SELECT * FROM key').toArray()[0];
    if (found !== undefined) this.#row = Row.parse(found);
  }

  /** Null: there is no key here. */
  get current(): KeyRow | null {
    return this.#row;
  }

  create(row: KeyRow): void {
    this.#sql.exec(`CREATE TABLE IF NOT EXISTS key (
      id TEXT PRIMARY KEY, hash TEXT NOT NULL, name TEXT NOT NULL, scopes TEXT NOT NULL, userId TEXT NOT NULL,
      displayName TEXT NOT NULL, workspaceId TEXT NOT NULL, operator INTEGER NOT NULL, createdAtMs INTEGER NOT NULL,
      expiresAtMs INTEGER, lastUsedAtMs INTEGER, revokedAtMs INTEGER)`);
    this.#sql.exec(
      'CREATE TABLE IF NOT EXISTS networks (network TEXT PRIMARY KEY, firstSeenMs INTEGER NOT NULL)',
    );
    this.#sql.exec(
      `INSERT INTO key (id, hash, name, scopes, userId, displayName, workspaceId, operator, createdAtMs, expiresAtMs)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[row.id, row.hash, row.name, JSON.stringify(row.scopes), row.userId, row.displayName],
      ...[row.workspaceId, row.operator ? 1 : 0, row.createdAtMs, row.expiresAtMs],
    );
    this.#row = row;
  }

  patch(change: Partial<Pick<KeyRow, 'lastUsedAtMs' | 'revokedAtMs'>>): KeyRow {
    if (this.#row === null) throw new Error('There is no key.');
    const row = { ...this.#row, ...change };
    this.#sql.exec('UPDATE key SET lastUsedAtMs = ?, revokedAtMs = ?', row.lastUsedAtMs, row.revokedAtMs);
    this.#row = row;
    return row;
  }

  /** Nothing stays but that there was a key, so that its id is never another's. */
  blank(): void {
    if (this.#row === null) return;
    this.#sql.exec(
      "UPDATE key SET hash = '', name = '', scopes = '[]', userId = '', displayName = '', workspaceId = '', operator = 0",
    );
    this.#sql.exec('DELETE FROM networks');
    const nobody = { userId: '', displayName: '', workspaceId: '', operator: false };
    this.#row = { ...this.#row, ...nobody, hash: '', name: '', scopes: [] };
  }

  /** The storage is gone. */
  forget(): void {
    this.#row = null;
  }

  /** Notes a use from a network. True: new to this key. The first one ever is not: somebody made the key to use it there. */
  usedFrom(network: string, nowMs: number): boolean {
    const seen = this.#sql.exec('SELECT network, firstSeenMs FROM networks ORDER BY firstSeenMs').toArray();
    const rows = z.array(z.object({ network: z.string(), firstSeenMs: z.number() })).parse(seen);
    const known = rows.find((row) => row.network === network);
    if (known !== undefined) return known !== rows[0] && nowMs - known.firstSeenMs < NEW_NETWORK_MS;
    // The first stays: it is what the others are new in comparison with.
    const second = rows[1];
    if (rows.length >= MAX_NETWORKS && second !== undefined)
      this.#sql.exec('DELETE FROM networks WHERE network = ?', second.network);
    this.#sql.exec('INSERT INTO networks (network, firstSeenMs) VALUES (?, ?)', network, nowMs);
    return rows.length > 0;
  }
}

/** How a key looks to its owner. */
export function toApiKey(row: KeyRow): ApiKey {
  const { id, name, scopes, userId, workspaceId } = row;
  const [createdAt, expiresAt, lastUsedAt] = [row.createdAtMs, row.expiresAtMs, row.lastUsedAtMs].map((ms) =>
    ms === null ? null : new Date(ms).toISOString(),
  );
  return {
    ...{ id, name, scopes, userId, workspaceId },
    createdAt: createdAt ?? '',
    expiresAt: expiresAt ?? null,
    lastUsedAt: lastUsedAt ?? null,
  };
}
