import { z } from 'zod';

const Row = z.object({ key: z.string(), version: z.number(), payload: z.string() });
export type OutboxRow = z.infer<typeof Row>;

/**
 * What is still to be told to somebody outside, newest state by key: a second word on a key replaces the first, so
 * that an outage costs one row for each thing, however often it changes.
 */
export class OutboxRows {
  readonly #sql: SqlStorage;
  /** Keys of rows that nobody can make use of now. */
  readonly #aside = new Set<string>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      'CREATE TABLE IF NOT EXISTS outbox (key TEXT PRIMARY KEY, version INTEGER NOT NULL, payload TEXT NOT NULL)',
    );
  }

  put(key: string, payload: unknown): void {
    this.#aside.delete(key);
    this.#sql.exec(
      `INSERT INTO outbox (key, version, payload) VALUES (?, 1, ?)
       ON CONFLICT (key) DO UPDATE SET version = version + 1, payload = excluded.payload`,
      key,
      JSON.stringify(payload),
    );
  }

  clear(): void {
    this.#sql.exec('DELETE FROM outbox');
  }

  get isEmpty(): boolean {
    return this.#sql.exec('SELECT 1 FROM outbox LIMIT 1').toArray().length === 0;
  }

  /** Up to `limit` rows, without those set aside. */
  peek(limit: number): OutboxRow[] {
    const found = this.#sql.exec('SELECT * FROM outbox LIMIT ?', limit + this.#aside.size).toArray();
    const rows = z
      .array(Row)
      .parse(found)
      .filter(({ key }) => !this.#aside.has(key));
    return rows.slice(0, limit);
  }

  /** Leaves rows where they are and out of {@link peek}, until there is a newer word or the actor starts again. */
  setAside(rows: OutboxRow[]): void {
    for (const { key } of rows) this.#aside.add(key);
  }

  /** Rows that were told; one that has changed meanwhile stays. */
  remove(rows: OutboxRow[]): void {
    for (const { key, version } of rows)
      this.#sql.exec('DELETE FROM outbox WHERE key = ? AND version = ?', key, version);
  }
}
