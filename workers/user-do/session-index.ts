import { z } from 'zod';
import { Role, SessionStatus } from '../../protocol/messages/session.ts';
import type { Outcome, SessionIndexRow } from '../shared/rpc.ts';

/** Where the next page starts: creation time and id of the last row given. */
const Cursor = z.tuple([z.iso.datetime(), z.string().max(64)]);
const MAX_CURSOR_CHARS = 200;

const Row = z.object({
  id: z.string(),
  name: z.string(),
  status: SessionStatus,
  region: z.string(),
  role: Role,
  createdAt: z.string(),
  lastAccessedAt: z.string(),
});

/** A user's session list, newest first. */
export class SessionIndex {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS sessions (
      id TEXT PRIMARY KEY, name TEXT NOT NULL, status TEXT NOT NULL, region TEXT NOT NULL,
      createdAt TEXT NOT NULL, lastAccessedAt TEXT NOT NULL)`);
    const columns = z
      .array(z.object({ name: z.string() }))
      .parse(sql.exec('PRAGMA table_info(sessions)').toArray());
    if (!columns.some(({ name }) => name === 'role'))
      sql.exec("ALTER TABLE sessions ADD COLUMN role TEXT NOT NULL DEFAULT 'owner'");
    sql.exec('CREATE INDEX IF NOT EXISTS sessions_newest ON sessions (createdAt DESC, id DESC)');
  }

  put(row: SessionIndexRow): void {
    this.#sql.exec(
      `INSERT INTO sessions (id, name, status, region, role, createdAt, lastAccessedAt)
       VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, status = excluded.status, region = excluded.region,
         role = excluded.role, lastAccessedAt = excluded.lastAccessedAt`,
      row.id,
      row.name,
      row.status,
      row.region,
      row.role,
      row.createdAt,
      row.lastAccessedAt,
    );
  }

  remove(id: string): void {
    this.#sql.exec('DELETE FROM sessions WHERE id = ?', id);
  }

  /** A page after `cursor`; rows created or removed meanwhile neither repeat nor hide others. */
  list(input: {
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
        ? this.#sql.exec('SELECT * FROM sessions ORDER BY createdAt DESC, id DESC LIMIT ?', input.limit + 1)
        : this.#sql.exec(
            'SELECT * FROM sessions WHERE (createdAt, id) < (?, ?) ORDER BY createdAt DESC, id DESC LIMIT ?',
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
