import { z } from 'zod';
import { withDeadline } from '../shared/deadline.ts';
import type { Env } from '../shared/env.ts';
import { Errands } from '../shared/errands.ts';
import type { Profile } from './profile.ts';
import type { WorkspaceList } from './workspace-list.ts';

/** An answer waits at most so long for workspaces to be told; after that the alarm goes on telling them. */
const SETTLE_TIMEOUT_MS = 3_000;

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
export class NameNews extends Errands<string> {
  readonly name = 'name-news';
  readonly #parts: NewsParts;

  constructor(parts: NewsParts) {
    super();
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

  protected override async carryOut(id: string): Promise<void> {
    const { sql, env, userId, profile } = this.#parts;
    const name = profile.displayName;
    if (name !== null) await env.WORKSPACES.get(env.WORKSPACES.idFromName(id)).named(userId(), name);
    // Changed meanwhile: it is told again.
    if (profile.displayName === name) sql.exec('DELETE FROM name_news WHERE workspaceId = ?', id);
  }

  protected override waiting(limit: number): string[] {
    const found = this.#parts.sql.exec('SELECT workspaceId FROM name_news LIMIT ?', limit).toArray();
    return z
      .array(z.object({ workspaceId: z.string() }))
      .parse(found)
      .map(({ workspaceId }) => workspaceId);
  }
}
