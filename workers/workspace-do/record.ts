import { z } from 'zod';
import { WorkspaceKind } from '../../protocol/messages/workspace.ts';
import { AccessPolicy, OPEN_POLICY } from '../shared/policy/access-policy.ts';

const Row = z.object({
  id: z.string(),
  name: z.string(),
  kind: WorkspaceKind,
  createdAtMs: z.number(),
  policy: z.string(),
});

/** The workspace itself. */
export interface WorkspaceRow {
  id: string;
  name: string;
  kind: WorkspaceKind;
  createdAtMs: number;
  policy: AccessPolicy;
}

/** The one row of a workspace, kept in memory as well. */
export class WorkspaceRecord {
  readonly #sql: SqlStorage;
  #row: WorkspaceRow | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS workspace (
      id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, createdAtMs INTEGER NOT NULL, policy TEXT NOT NULL)`);
    const found = sql.exec('SELECT * FROM workspace').toArray()[0];
    if (found === undefined) return;
    const { policy, ...row } = Row.parse(found);
    this.#row = { ...row, policy: AccessPolicy.parse(JSON.parse(policy)) };
  }

  /** Null: there is no workspace here. */
  get current(): WorkspaceRow | null {
    return this.#row;
  }

  create(row: Omit<WorkspaceRow, 'policy'>): WorkspaceRow {
    return this.put({ ...row, policy: OPEN_POLICY });
  }

  put(row: WorkspaceRow): WorkspaceRow {
    this.#sql.exec(
      'INSERT OR REPLACE INTO workspace (id, name, kind, createdAtMs, policy) VALUES (?, ?, ?, ?, ?)',
      row.id,
      row.name,
      row.kind,
      row.createdAtMs,
      JSON.stringify(row.policy),
    );
    this.#row = row;
    return row;
  }
}
