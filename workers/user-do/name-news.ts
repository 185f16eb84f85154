import { z } from 'zod';
import type { AlarmUnit } from '../shared/alarms.ts';
import { retryDelayMs } from '../shared/backoff.ts';
import { withDeadline } from '../shared/deadline.ts';
import type { Env } from '../shared/env.ts';
import { createLogger } from '../shared/log.ts';
import type { Profile } from './profile.ts';
import type { WorkspaceList } from './workspace-list.ts';

/** An answer waits at most so long for workspaces to be told; after that the alarm goes on telling them. */
const SETTLE_TIMEOUT_MS = 3_000;
const RETRY_MIN_MS = 2_000;
const RETRY_MAX_MS = 5 * 60_000;

const log = createLogger('user-do');

/** What it takes to tell workspaces. */
export interface NewsParts {
  sql: SqlStorage;
  env: Env;
  userId: () => string;
  profile: Profile;
  workspaces: WorkspaceList;
}

/**
 * Tells the workspaces a user is in what the user is called now: a row for each in storage, told at once, and by alarm
 * until it was told. Sessions learn it when the user next connects.
 */
export class NameNews implements AlarmUnit {
  readonly name = 'name-news';
  readonly #parts: NewsParts;
  #failures = 0;
  #notBeforeMs = 0;
  #running: Promise<void> | null = null;

  constructor(parts: NewsParts) {
    this.#parts = parts;
    parts.sql.exec('CREATE TABLE IF NOT EXISTS name_news (workspaceId TEXT PRIMARY KEY)');
  }

  /** The name has changed; call in the transaction of the change, and arm the alarm afterwards. */
  put(): void {
    const { sql, userId, workspaces } = this.#parts;
    const ids = [userId(), ...workspaces.all().map(({ id }) => id)];
    for (const id of ids) sql.exec('INSERT OR IGNORE INTO name_news (workspaceId) VALUES (?)', id);
  }

  /** Waits a while for everybody to be told. */
  async settle(): Promise<void> {
    await withDeadline(this.run(Date.now()), SETTLE_TIMEOUT_MS).catch(() => undefined);
  }

  dueMs(): number | null {
    return this.#waiting().length === 0 ? null : this.#notBeforeMs;
  }

  /** One at a time: two names must not overtake each other. */
  run(nowMs: number): Promise<void> {
    this.#running ??= this.#run(nowMs).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #run(nowMs: number): Promise<void> {
    for (let ids = this.#waiting(); ids.length > 0; ids = this.#waiting()) {
      const told = await Promise.allSettled(ids.map((id) => this.#tell(id)));
      const failed = told.find((each) => each.status === 'rejected');
      if (failed === undefined) continue;
      this.#failures += 1;
      const retryInMs = retryDelayMs(this.#failures, RETRY_MIN_MS, RETRY_MAX_MS);
      log('warn', 'workspaces not told of a name', { retryInMs, error: String(failed.reason) });
      this.#notBeforeMs = nowMs + retryInMs;
      return;
    }
    this.#failures = 0;
    this.#notBeforeMs = 0;
  }

  async #tell(id: string): Promise<void> {
    const { sql, env, userId, profile } = this.#parts;
    const name = profile.displayName;
    if (name !== null) await env.WORKSPACES.get(env.WORKSPACES.idFromName(id)).named(userId(), name);
    // Changed meanwhile: it is told again.
    if (profile.displayName === name) sql.exec('DELETE FROM name_news WHERE workspaceId = ?', id);
  }

  #waiting(): string[] {
    const found = this.#parts.sql.exec('SELECT workspaceId FROM name_news').toArray();
    return z
      .array(z.object({ workspaceId: z.string() }))
      .parse(found)
      .map(({ workspaceId }) => workspaceId);
  }
}
