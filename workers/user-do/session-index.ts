import { z } from 'zod';
import { Role, SessionStatus } from '../../protocol/messages/session.ts';
import type { Outcome, SessionIndexRow } from '../shared/rpc.ts';
import { hasColumn, sealClearRows } from '../shared/vault/clear-columns.ts';
import { SealedPart } from '../shared/vault/sealed-part.ts';
import { oldestRecord, type SealedRows } from '../shared/vault/vault-care.ts';
import type { Vault } from '../shared/vault/vault.ts';

/** Where the next page starts: creation time and id of the last row given. */
const Cursor = z.tuple([z.iso.datetime(), z.string().max(64)]);
const MAX_CURSOR_CHARS = 200;

const Row = z.object({
  workspaceId: z.string(),
  listedIn: z.string(),
  id: z.string(),
  status: SessionStatus,
  region: z.string(),
  role: Role,
  createdAt: z.string(),
  lastAccessedAt: z.string(),
  /** Sealed; see {@link Content}. */
  content: z.instanceof(ArrayBuffer).nullable(),
});
const Content = z.object({ name: z.string() });

const LISTED = 'SELECT * FROM sessions WHERE listedIn = ?';
const NEWEST = 'ORDER BY createdAt DESC, id DESC LIMIT ?';

/** A user's session list, newest first. */
export class SessionIndex implements SealedRows {
  readonly #sql: SqlStorage;
  readonly #sealed: SealedPart<typeof Content.shape>;

  /** `ownWorkspaceId`: where sessions belong that were listed before there were other workspaces. */
  constructor(sql: SqlStorage, vault: Vault, ownWorkspaceId: string) {
    this.#sql = sql;
    this.#sealed = new SealedPart(vault, 'session', Content, { name: '' });
    sql.exec(`CREATE TABLE IF NOT EXISTS sessions (
      id TEXT PRIMARY KEY, status TEXT NOT NULL, region TEXT NOT NULL,
      createdAt TEXT NOT NULL, lastAccessedAt TEXT NOT NULL, content BLOB)`);
    const columns = z
      .array(z.object({ name: z.string() }))
      .parse(sql.exec('PRAGMA table_info(sessions)').toArray());
    if (!columns.some(({ name }) => name === 'role'))
      sql.exec("ALTER TABLE sessions ADD COLUMN role TEXT NOT NULL DEFAULT 'owner'");
    if (!columns.some(({ name }) => name === 'listedIn')) {
      sql.exec("ALTER TABLE sessions ADD COLUMN workspaceId TEXT NOT NULL DEFAULT ''");
      sql.exec("ALTER TABLE sessions ADD COLUMN listedIn TEXT NOT NULL DEFAULT ''");
      sql.exec('UPDATE sessions SET workspaceId = ?, listedIn = ?', ownWorkspaceId, ownWorkspaceId);
      sql.exec('DROP INDEX IF EXISTS sessions_newest');
    }
    if (!columns.some(({ name }) => name === 'content'))
      sql.exec('ALTER TABLE sessions ADD COLUMN content BLOB');
    sql.exec('CREATE INDEX IF NOT EXISTS sessions_by_place ON sessions (listedIn, createdAt DESC, id DESC)');
  }

  put(row: SessionIndexRow): void {
    this.#sql.exec(
      `INSERT INTO sessions (id, status, region, workspaceId, listedIn, role, createdAt, lastAccessedAt, content)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET status = excluded.status, region = excluded.region,
         workspaceId = excluded.workspaceId, listedIn = excluded.listedIn,
         role = excluded.role, lastAccessedAt = excluded.lastAccessedAt, content = excluded.content`,
      ...[row.id, row.status, row.region, row.workspaceId, row.listedIn, row.role, row.createdAt],
      ...[row.lastAccessedAt, this.#sealed.seal(row.id, row).buffer],
    );
  }

  /** Seals names of before there was encryption; call with the vault unlocked. */
  sealClear(): void {
    if (!hasColumn(this.#sql, 'sessions', 'name')) return;
    sealClearRows(this.#sql, {
      ...{ table: 'sessions', key: 'id', columns: ['name'] },
      seal: (id, { name }) => this.#sealed.seal(id, Content.parse({ name })),
    });
    this.#sql.exec('ALTER TABLE sessions DROP COLUMN name');
  }

  reseal(): void {
    for (const { id, content } of this.#sql.exec('SELECT id, content FROM sessions').toArray()) {
      const { id: key, content: record } = Row.pick({ id: true, content: true }).parse({ id, content });
      const sealed = this.#sealed.seal(key, this.#sealed.open(key, record));
      this.#sql.exec('UPDATE sessions SET content = ? WHERE id = ?', sealed.buffer, key);
    }
  }

  oldest(): Uint8Array | null {
    return oldestRecord(this.#sql, 'sessions');
  }

  get isEmpty(): boolean {
    return this.#sql.exec('SELECT 1 FROM sessions LIMIT 1').toArray().length === 0;
  }

  /** Every session, of whatever workspace. */
  all(): { id: string; workspaceId: string }[] {
    const found = this.#sql.exec('SELECT id, workspaceId FROM sessions ORDER BY id');
    return z.array(z.object({ id: z.string(), workspaceId: z.string() })).parse(found.toArray());
  }

  remove(id: string): void {
    this.#sql.exec('DELETE FROM sessions WHERE id = ?', id);
  }

  /** A page of what is listed in a workspace, after `cursor`; rows created or removed meanwhile neither repeat nor hide others. */
  list(input: {
    workspaceId: string;
    cursor?: string;
    limit: number;
  }): Outcome<{ sessions: SessionIndexRow[]; nextCursor: string | null }> {
    const after = input.cursor === undefined ? null : decodeCursor(input.cursor);
    if (after === undefined) {
      return {
        ok: false,
        code: 'invalid-request',
        detail: 'cursor: use the nextCursor of an earlier answer.',
      };
    }
    // One more than asked tells whether there is a next page.
    const found =
      after === null
        ? this.#sql.exec(`${LISTED} ${NEWEST}`, input.workspaceId, input.limit + 1)
        : this.#sql.exec(
            `${LISTED} AND (createdAt, id) < (?, ?) ${NEWEST}`,
            input.workspaceId,
            ...after,
            input.limit + 1,
          );
    const stored = z.array(Row).parse(found.toArray());
    const rows = stored.map(({ content, ...row }) => ({
      ...row,
      ...this.#sealed.open(row.id, content),
    }));
    const sessions = rows.slice(0, input.limit);
    const last = sessions.at(-1);
    const nextCursor = rows.length > input.limit && last !== undefined ? encodeCursor(last) : null;
    return { ok: true, value: { sessions, nextCursor } };
  }
}

function encodeCursor(row: SessionIndexRow): string {
  // Ids and ISO times are ASCII, as btoa needs.
  return btoa(JSON.stringify([row.createdAt, row.id]))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** Undefined: not one of ours. */
function decodeCursor(cursor: string): [string, string] | undefined {
  if (cursor.length > MAX_CURSOR_CHARS) return undefined;
  try {
    const text = atob(cursor.replaceAll('-', '+').replaceAll('_', '/'));
    return Cursor.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
