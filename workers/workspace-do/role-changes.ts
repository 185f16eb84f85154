import { z } from 'zod';
import type { AlarmUnit } from '../shared/alarms.ts';
import { retryDelayMs } from '../shared/backoff.ts';
import type { Env } from '../shared/env.ts';
import { createLogger } from '../shared/log.ts';

/** Sessions told at once. */
const BATCH = 32;
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 5 * 60_000;

const Row = z.object({
  userId: z.string(),
  sessionId: z.string(),
  successorId: z.string(),
  limit: z.literal('viewer').nullable(),
});
type Row = z.infer<typeof Row>;

const log = createLogger('workspace-do');

/**
 * What a change in the workspace means for its sessions: whoever left it is no member of theirs any more, and whoever
 * became a viewer is at most a viewer there. Noted in the transaction of the change, carried out at once, and by alarm
 * until every session has done so.
 */
export class RoleChanges implements AlarmUnit {
  readonly name = 'role-changes';
  readonly #env: Env;
  readonly #sql: SqlStorage;
  #failures = 0;
  #notBeforeMs = 0;
  #running: Promise<void> | null = null;

  constructor(env: Env, sql: SqlStorage) {
    this.#env = env;
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS role_changes (
      userId TEXT NOT NULL, sessionId TEXT NOT NULL, successorId TEXT NOT NULL, "limit" TEXT,
      PRIMARY KEY (userId, sessionId))`);
  }

  /**
   * In every session the user has at most this role (null: none). Where they were the last owner, `successorId` is it
   * from now on.
   */
  note(userId: string, limit: 'viewer' | null, successorId: string): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO role_changes (userId, sessionId, successorId, "limit")
       SELECT ?, id, ?, ? FROM sessions`,
      userId,
      successorId,
      limit,
    );
  }

  /** The sessions themselves go: nothing is to be changed in them. */
  clear(): void {
    this.#sql.exec('DELETE FROM role_changes');
  }

  /** The user may again: what is not carried out yet must not hit what they are given now. */
  forget(userId: string): void {
    this.#sql.exec('DELETE FROM role_changes WHERE userId = ?', userId);
  }

  /** Whether something of this user is not carried out yet. */
  isWaiting(userId: string): boolean {
    return this.#sql.exec('SELECT 1 FROM role_changes WHERE userId = ? LIMIT 1', userId).toArray().length > 0;
  }

  dueMs(): number | null {
    return this.#next(1).length === 0 ? null : this.#notBeforeMs;
  }

  /** One at a time: two words on one thing must not overtake each other. */
  run(nowMs: number): Promise<void> {
    this.#running ??= this.#run(nowMs).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #run(nowMs: number): Promise<void> {
    for (let rows = this.#next(BATCH); rows.length > 0; rows = this.#next(BATCH)) {
      const done = await Promise.allSettled(rows.map((row) => this.#carryOut(row)));
      const failed = done.find((each) => each.status === 'rejected');
      if (failed === undefined) continue;
      this.#failures += 1;
      const retryInMs = retryDelayMs(this.#failures, RETRY_MIN_MS, RETRY_MAX_MS);
      log('warn', 'sessions not reached', { retryInMs, error: String(failed.reason) });
      this.#notBeforeMs = nowMs + retryInMs;
      return;
    }
    this.#failures = 0;
    this.#notBeforeMs = 0;
  }

  #next(limit: number): Row[] {
    return z.array(Row).parse(this.#sql.exec('SELECT * FROM role_changes LIMIT ?', limit).toArray());
  }

  async #carryOut({ userId, sessionId, successorId, limit }: Row): Promise<void> {
    const session = this.#env.SESSIONS.get(this.#env.SESSIONS.idFromName(sessionId));
    await session.limitMember(userId, limit, successorId);
    this.#sql.exec(
      'DELETE FROM role_changes WHERE userId = ? AND sessionId = ? AND "limit" IS ?',
      userId,
      sessionId,
      limit,
    );
  }
}
