import { z } from 'zod';
import type { Env } from '../shared/env.ts';
import { Errands } from '../shared/errands.ts';

const Row = z.object({
  userId: z.string(),
  sessionId: z.string(),
  successorId: z.string(),
  limit: z.literal('viewer').nullable(),
});
type Row = z.infer<typeof Row>;

/**
 * What a change in the workspace means for its sessions: whoever left it is no member of theirs any more, and whoever
 * became a viewer is at most a viewer there. Noted in the transaction of the change, carried out at once, and by alarm
 * until every session has done so.
 */
export class RoleChanges extends Errands<Row> {
  readonly name = 'role-changes';
  readonly #env: Env;
  readonly #sql: SqlStorage;

  constructor(env: Env, sql: SqlStorage) {
    super();
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

  /** The user is a viewer again: what is not carried out yet leaves them in their sessions, as no more than that. */
  lower(userId: string): void {
    this.#sql.exec(`UPDATE role_changes SET "limit" = 'viewer' WHERE userId = ?`, userId);
  }

  /** Whether something of this user is not carried out yet. */
  isWaiting(userId: string): boolean {
    return this.#sql.exec('SELECT 1 FROM role_changes WHERE userId = ? LIMIT 1', userId).toArray().length > 0;
  }

  protected override waiting(limit: number): Row[] {
    return z.array(Row).parse(this.#sql.exec('SELECT * FROM role_changes LIMIT ?', limit).toArray());
  }

  protected override async carryOut({ userId, sessionId, successorId, limit }: Row): Promise<void> {
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
