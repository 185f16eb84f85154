import { z } from 'zod';
import { WorkspaceRole } from '../../protocol/messages/workspace.ts';

const Row = z.object({
  userId: z.string(),
  displayName: z.string().nullable(),
  /** Null: removed, and their list is not told yet. */
  role: WorkspaceRole.nullable(),
  addedAtMs: z.number(),
  /** The user's own list of workspaces does not know this row yet. */
  listDirty: z.number().transform((flag) => flag !== 0),
});
export type MemberRow = z.infer<typeof Row>;

/** Somebody who is in the workspace now. */
export type ActiveMember = MemberRow & { role: WorkspaceRole };

/** Rows of a workspace's members, kept in memory as well. */
export class MemberRows {
  readonly #sql: SqlStorage;
  readonly #rows = new Map<string, MemberRow>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS members (
      userId TEXT PRIMARY KEY, displayName TEXT, role TEXT, addedAtMs INTEGER NOT NULL, listDirty INTEGER NOT NULL)`);
    const found = z.array(Row).parse(sql.exec('SELECT * FROM members ORDER BY addedAtMs, userId').toArray());
    for (const row of found) this.#rows.set(row.userId, row);
  }

  get(userId: string): MemberRow | undefined {
    return this.#rows.get(userId);
  }

  /** What somebody is here; null: nobody. */
  roleOf(userId: string): WorkspaceRole | null {
    return this.#rows.get(userId)?.role ?? null;
  }

  /** Everybody who is in the workspace, in the order they came. */
  active(): ActiveMember[] {
    return [...this.#rows.values()].filter(isActive);
  }

  owners(): ActiveMember[] {
    return this.active().filter(({ role }) => role === 'owner');
  }

  /** Whether the workspace would be without an owner without this user. */
  isLastOwner(userId: string): boolean {
    const owners = this.owners();
    return owners.length === 1 && owners[0]?.userId === userId;
  }

  put(row: MemberRow): void {
    this.#sql.exec(
      'INSERT OR REPLACE INTO members (userId, displayName, role, addedAtMs, listDirty) VALUES (?, ?, ?, ?, ?)',
      row.userId,
      row.displayName,
      row.role,
      row.addedAtMs,
      row.listDirty ? 1 : 0,
    );
    this.#rows.set(row.userId, row);
  }

  /** Everybody's list lacks something: the workspace itself has changed. */
  allChanged(): void {
    for (const row of this.active()) this.put({ ...row, listDirty: true });
  }

  /** Those whose list is to be told, removed ones among them. */
  toTell(limit: number): MemberRow[] {
    return [...this.#rows.values()].filter(({ listDirty }) => listDirty).slice(0, limit);
  }

  /** The list of this row's user knows the row, unless it has changed meanwhile. A removed member is forgotten then. */
  told(row: MemberRow): void {
    if (this.#rows.get(row.userId) !== row) return;
    if (row.role !== null) return this.put({ ...row, listDirty: false });
    this.#sql.exec('DELETE FROM members WHERE userId = ?', row.userId);
    this.#rows.delete(row.userId);
  }
}

function isActive(row: MemberRow): row is ActiveMember {
  return row.role !== null;
}
