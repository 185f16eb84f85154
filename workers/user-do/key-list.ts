import { z } from 'zod';
import { MAX_API_KEYS } from '../../protocol/limits.ts';
import { fail } from '../shared/outcome.ts';
import type { Outcome } from '../shared/rpc.ts';

const Row = z.object({ id: z.string(), addedAtMs: z.number() });

/** Which API keys a user has: their ids. Everything else of a key is in its own actor. */
export class KeyList {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec('CREATE TABLE IF NOT EXISTS api_keys (id TEXT PRIMARY KEY, addedAtMs INTEGER NOT NULL)');
  }

  add(id: string, nowMs: number): Outcome<null> {
    if (this.all().length >= MAX_API_KEYS)
      return fail('limit-exceeded', `At most ${MAX_API_KEYS} keys; revoke one first.`);
    this.#sql.exec('INSERT INTO api_keys (id, addedAtMs) VALUES (?, ?)', id, nowMs);
    return { ok: true, value: null };
  }

  remove(id: string): void {
    this.#sql.exec('DELETE FROM api_keys WHERE id = ?', id);
  }

  all(): z.infer<typeof Row>[] {
    return z.array(Row).parse(this.#sql.exec('SELECT * FROM api_keys ORDER BY addedAtMs, id').toArray());
  }
}
