import { z } from 'zod';

const Row = z.object({ id: z.string() });

/**
 * The sessions of the workspace: noted before each is made, so that none is ever missed, and forgotten when the session
 * says that it is deleted.
 */
export class SessionRows {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec('CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY)');
  }

  add(id: string): void {
    this.#sql.exec('INSERT OR IGNORE INTO sessions (id) VALUES (?)', id);
  }

  remove(id: string): void {
    this.#sql.exec('DELETE FROM sessions WHERE id = ?', id);
  }

  get count(): number {
    return z.number().parse(this.#sql.exec('SELECT count(*) AS n FROM sessions').one()['n']);
  }

  /** Ids after `after`, in order of id. */
  page(after: string, limit: number): string[] {
    const found = this.#sql.exec('SELECT id FROM sessions WHERE id > ? ORDER BY id LIMIT ?', after, limit);
    return z
      .array(Row)
      .parse(found.toArray())
      .map(({ id }) => id);
  }
}
