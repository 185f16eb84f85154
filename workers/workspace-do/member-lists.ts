import type { Env } from '../shared/env.ts';
import { Errands } from '../shared/errands.ts';
import type { MemberRow, MemberRows } from './member-rows.ts';
import type { WorkspaceRecord } from './record.ts';

/**
 * Keeps the members' own lists of workspaces (UserDO) up to date: a flag per member in storage, told at once, and by
 * alarm until it was told.
 */
export class MemberLists extends Errands<MemberRow> {
  readonly name = 'member-lists';
  readonly #env: Env;
  readonly #record: WorkspaceRecord;
  readonly #rows: MemberRows;

  constructor(env: Env, record: WorkspaceRecord, rows: MemberRows) {
    super();
    this.#env = env;
    this.#record = record;
    this.#rows = rows;
  }

  protected override waiting(limit: number): MemberRow[] {
    return this.#rows.toTell(limit);
  }

  protected override async carryOut(row: MemberRow): Promise<void> {
    const workspace = this.#record.current;
    if (workspace === null) return;
    const user = this.#env.USERS.get(this.#env.USERS.idFromName(row.userId));
    if (row.role === null) await user.removeWorkspace(workspace.id);
    else {
      const { id, name, kind, createdAtMs } = workspace;
      await user.putWorkspace({ id, name, kind, role: row.role, createdAtMs });
    }
    this.#rows.told(row);
  }
}
