import { z } from 'zod';
import { WorkspaceKind, WorkspaceRole } from '../../protocol/messages/workspace.ts';
import type { WorkspaceListRow } from '../shared/rpc.ts';

const Row = z.object({
  id: z.string(),
  name: z.string(),
  kind: WorkspaceKind,
  role: WorkspaceRole,
  createdAtMs: z.number(),
});

/** Which workspaces a user is in, as those have told. */
export class WorkspaceList {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS workspaces (
      id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, role TEXT NOT NULL, createdAtMs INTEGER NOT NULL)`);
  }

  put({ id, name, kind, role, createdAtMs }: WorkspaceListRow): void {
    this.#sql.exec(
      'INSERT OR REPLACE INTO workspaces (id, name, kind, role, createdAtMs) VALUES (?, ?, ?, ?, ?)',
      ...[id, name, kind, role, createdAtMs],
    );
  }

  remove(id: string): void {
    this.#sql.exec('DELETE FROM workspaces WHERE id = ?', id);
  }

  /** Oldest first. */
  all(): WorkspaceListRow[] {
    return z.array(Row).parse(this.#sql.exec('SELECT * FROM workspaces ORDER BY createdAtMs, id').toArray());
  }
}
