import { asc, eq } from 'drizzle-orm';
import type { Database } from './database.ts';
import { terminals, type TerminalRow } from './schema.ts';

/** Rows of terminals, kept in memory as well. Write inside a `RecordRepository.commit` when it is an event. */
export class TerminalRepository {
  readonly #database: Database;
  readonly #rows = new Map<number, TerminalRow>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Reads all rows; call once, after migrations. */
  load(): void {
    for (const row of this.#database.select().from(terminals).orderBy(asc(terminals.channel)).all()) {
      this.#rows.set(row.channel, row);
    }
  }

  /** All terminals, by channel. */
  all(): TerminalRow[] {
    return [...this.#rows.values()];
  }

  /** Terminals that have not ended. */
  open(): TerminalRow[] {
    return this.all().filter((row) => row.state !== 'exited');
  }

  get(channel: number): TerminalRow | undefined {
    return this.#rows.get(channel);
  }

  /** The terminal opened by this request, if it was. */
  byRequest(requestKey: string): TerminalRow | undefined {
    return this.all().find((row) => row.requestKey === requestKey);
  }

  insert(row: TerminalRow): void {
    this.#database.insert(terminals).values(row).run();
    this.#rows.set(row.channel, row);
  }

  /** Changes a row and returns it; undefined when there is none. */
  update(channel: number, patch: Partial<Omit<TerminalRow, 'channel'>>): TerminalRow | undefined {
    const row = this.#rows.get(channel);
    if (row === undefined) return undefined;
    const next = { ...row, ...patch };
    this.#database.update(terminals).set(patch).where(eq(terminals.channel, channel)).run();
    this.#rows.set(channel, next);
    return next;
  }

  delete(channel: number): void {
    this.#database.delete(terminals).where(eq(terminals.channel, channel)).run();
    this.#rows.delete(channel);
  }

  /** Forgets the rows: the storage is gone. */
  clear(): void {
    this.#rows.clear();
  }
}
