import { z } from 'zod';
import { Role, SessionStatus } from '../../protocol/messages/session.ts';
import type { Outcome, SessionIndexRow } from '../shared/rpc.ts';

/** Where the next page starts: creation time and id of the last row given. */
const Cursor = z.tuple([z.iso.datetime(), z.string().max(64)]);
const MAX_CURSOR_CHARS = 200;

const Row = z.object({
  workspaceId: z.string(),
  listedIn: z.string(),
  id: z.string(),
  name: z.string(),
  status: SessionStatus,
  region: z.string(),
  role: Role,
  createdAt: z.string(),
  lastAccessedAt: z.string(),
});

const LISTED = 'SELECT * FROM sessions WHERE listedIn = ?';
const NEWEST = 'ORDER BY createdAt DESC, id DESC LIMIT ?';

/** A user's session list, newest first. */
export class SessionIndex {
  readonly #sql: SqlStorage;

  /** `ownWorkspaceId`: where sessions belong that were listed before there were other workspaces. */
  constructor(sql: SqlStorage, ownWorkspaceId: string) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS sessions (
      id TEXT PRIMARY KEY, name TEXT NOT NULL, status TEXT NOT NULL, region TEXT NOT NULL,
      createdAt TEXT NOT NULL, lastAccessedAt TEXT NOT NULL)`);
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
    sql.exec('CREATE INDEX IF NOT EXISTS sessions_by_place ON sessions (listedIn, createdAt DESC, id DESC)');
  }

  put(row: SessionIndexRow): void {
    this.#sql.exec(
      `INSERT INTO sessions (id, name, status, region, workspaceId, listedIn, role, createdAt, lastAccessedAt)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, status = excluded.status, region = excluded.region,
         workspaceId = excluded.workspaceId, listedIn = excluded.listedIn,
         role = excluded.role, lastAccessedAt = excluded.lastAccessedAt`,
      row.id,
      row.name,
      row.status,
      row.region,
      row.workspaceId,
      row.listedIn,
      row.role,
      row.createdAt,
      row.lastAccessedAt,
    );
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
    const rows = z.array(Row).parse(found.toArray());
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
