import type { AlarmUnit } from '../shared/alarms.ts';
import { retryDelayMs } from '../shared/backoff.ts';
import type { Env } from '../shared/env.ts';
import { createLogger } from '../shared/log.ts';
import type { MemberRow, MemberRows } from './member-rows.ts';
import type { WorkspaceRecord } from './record.ts';

/** Lists told at once. */
const BATCH = 32;
const RETRY_MIN_MS = 2_000;
const RETRY_MAX_MS = 5 * 60_000;

const log = createLogger('workspace-do');

/**
 * Keeps the members' own lists of workspaces (UserDO) up to date: a flag per member in storage, told at once, and by
 * alarm until it was told.
 */
export class MemberLists implements AlarmUnit {
  readonly name = 'member-lists';
  readonly #env: Env;
  readonly #record: WorkspaceRecord;
  readonly #rows: MemberRows;
  #failures = 0;
  #notBeforeMs = 0;
  #running: Promise<void> | null = null;

  constructor(env: Env, record: WorkspaceRecord, rows: MemberRows) {
    this.#env = env;
    this.#record = record;
    this.#rows = rows;
  }

  dueMs(): number | null {
    return this.#rows.toTell(1).length === 0 ? null : this.#notBeforeMs;
  }

  /** One at a time: two words on one thing must not overtake each other. */
  run(nowMs: number): Promise<void> {
    this.#running ??= this.#run(nowMs).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #run(nowMs: number): Promise<void> {
    for (let rows = this.#rows.toTell(BATCH); rows.length > 0; rows = this.#rows.toTell(BATCH)) {
      const told = await Promise.allSettled(rows.map((row) => this.#tell(row)));
      const failed = told.find((each) => each.status === 'rejected');
      if (failed === undefined) continue;
      this.#failures += 1;
      const retryInMs = retryDelayMs(this.#failures, RETRY_MIN_MS, RETRY_MAX_MS);
      log('warn', 'lists of members not reached', { retryInMs, error: String(failed.reason) });
      this.#notBeforeMs = nowMs + retryInMs;
      return;
    }
    this.#failures = 0;
    this.#notBeforeMs = 0;
  }

  async #tell(row: MemberRow): Promise<void> {
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
