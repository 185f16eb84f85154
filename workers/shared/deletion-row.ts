import { z } from 'zod';

const Row = z.object({
  tokenHash: z.string(),
  requestedBy: z.string(),
  startedAtMs: z.number(),
  /** What a second step needs of the first, as the job likes it. */
  state: z.string(),
});
export type DeletionRow = z.infer<typeof Row>;

/** The one row of an actor that is being deleted: written first, gone with everything else. */
export class DeletionRecord {
  readonly #sql: SqlStorage;
  #row: DeletionRow | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      'CREATE TABLE IF NOT EXISTS deletion (tokenHash TEXT NOT NULL, requestedBy TEXT NOT NULL, startedAtMs INTEGER NOT NULL, state TEXT NOT NULL)',
    );
    const found = sql.exec('SELECT * FROM deletion').toArray()[0];
    if (found !== undefined) this.#row = Row.parse(found);
  }

  /** Null: it is not being deleted. */
  get current(): DeletionRow | null {
    return this.#row;
  }

  put(row: DeletionRow): void {
    this.#sql.exec('DELETE FROM deletion');
    this.#sql.exec(
      'INSERT INTO deletion (tokenHash, requestedBy, startedAtMs, state) VALUES (?, ?, ?, ?)',
      ...[row.tokenHash, row.requestedBy, row.startedAtMs, row.state],
    );
    this.#row = row;
  }
}
