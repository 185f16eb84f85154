import { asc, eq } from 'drizzle-orm';
import type { Database } from './database.ts';
import type { Vault } from '../shared/vault/vault.ts';
import { terminals, type TerminalRow } from './schema.ts';
import { sealedTerminals } from './sealed.ts';

/** Rows of terminals, kept in memory as well. Write inside a `RecordRepository.commit` when it is an event. */
export class TerminalRepository {
  readonly #database: Database;
  readonly #sealed: ReturnType<typeof sealedTerminals>;
  readonly #rows = new Map<number, TerminalRow>();

  constructor(database: Database, vault: Vault) {
    this.#database = database;
    this.#sealed = sealedTerminals(vault);
  }

  /** Reads all rows; call once, after migrations and with the vault unlocked. */
  load(): void {
    const stored = this.#database.select().from(terminals).orderBy(asc(terminals.channel)).all();
    for (const { content, ...clear } of stored) {
      const { channel } = clear;
      this.#rows.set(channel, { ...clear, ...this.#sealed.open(channel, content) });
    }
  }

  /** Seals all rows by the newest data key. */
  reseal(): void {
    for (const row of this.all()) this.#write(row.channel, { content: this.#sealed.seal(row.channel, row) });
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
    const content = this.#sealed.seal(row.channel, row);
    this.#database
      .insert(terminals)
      .values({ ...this.#sealed.without(row), content })
      .run();
    this.#rows.set(row.channel, row);
  }

  /**
   * Changes a row and returns it; undefined when there is none. Written whole, as the session's record is, but for what
   * never changes and has an index.
   */
  update(
    channel: number,
    patch: Partial<Omit<TerminalRow, 'channel' | 'requestKey'>>,
  ): TerminalRow | undefined {
    const row = this.#rows.get(channel);
    if (row === undefined) return undefined;
    const next = { ...row, ...patch };
    const content = this.#sealed.isIn(patch) ? { content: this.#sealed.seal(channel, next) } : {};
    const { channel: _key, requestKey: _request, ...stored } = { ...this.#sealed.without(next), ...content };
    this.#write(channel, stored);
    this.#rows.set(channel, next);
    return next;
  }

  delete(channel: number): void {
    this.#database.delete(terminals).where(eq(terminals.channel, channel)).run();
    this.#rows.delete(channel);
  }

  /** Deletes all rows for good, once their keys are destroyed. Terminals of the sandbox are not touched. */
  erase(): void {
    this.#database.delete(terminals).run();
    this.#rows.clear();
  }

  /** Forgets the rows: the storage is gone. */
  clear(): void {
    this.#rows.clear();
  }

  #write(channel: number, stored: Partial<typeof terminals.$inferInsert>): void {
    this.#database.update(terminals).set(stored).where(eq(terminals.channel, channel)).run();
  }
}
