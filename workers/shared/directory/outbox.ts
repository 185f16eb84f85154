import { z } from 'zod';
import type { AlarmUnit } from '../alarms.ts';
import { createLogger } from '../log.ts';
import type { DirectoryConfig } from './connection.ts';
import { type Directory, openDirectory, type Told } from './directory.ts';
import type { Kind } from './kind.ts';
import { type OutboxRow, OutboxRows } from './outbox-rows.ts';

/** Changes are gathered so long: a new session changes a few times in its first second. */
const GATHER_MS = 1_000;
/** A directory that cannot be reached is tried again after so long, doubling up to the longest. */
const RETRY_MIN_MS = 2_000;
const RETRY_MAX_MS = 5 * 60_000;
/** Rows told in one question. */
const BATCH_ROWS = 200;

const Payload = z.object({ kind: z.string(), row: z.unknown() });
const log = createLogger('directory');

/**
 * What an actor still has to tell the directory in Postgres: the newest word on each thing, gathered, and told by the
 * actor's alarm until it was told. An outage of Postgres touches nothing that runs. Words are written in the
 * transaction of the change they are about; without a directory nothing is kept. A word of another release that this one
 * cannot read stays, holds up no other, and is looked at again whenever the actor starts.
 */
export class DirectoryOutbox implements AlarmUnit {
  readonly name = 'directory';
  readonly #rows: OutboxRows;
  readonly #directory: Directory | null;
  #dueMs: number | null;
  #failures = 0;

  constructor(sql: SqlStorage, config: DirectoryConfig, directory = openDirectory(config)) {
    this.#rows = new OutboxRows(sql);
    this.#directory = directory;
    this.#dueMs = this.#rows.isEmpty ? null : 0;
  }

  /** Notes a word on something. The caller arms its alarms afterwards. */
  put<Row>(kind: Kind<Row>, row: Row): void {
    if (this.#directory === null) return;
    this.#rows.put(`${kind.name}/${kind.keyOf(row)}`, { kind: kind.name, row });
    this.#dueMs ??= Date.now() + GATHER_MS;
  }

  /** What waits is void. */
  discard(): void {
    this.#rows.clear();
  }

  /** Tells what waits, now. True when nothing is left. */
  async settle(): Promise<boolean> {
    await this.run();
    return this.#rows.isEmpty;
  }

  dueMs(): number | null {
    return this.#directory === null ? null : this.#dueMs;
  }

  async run(): Promise<void> {
    if (this.#directory === null) return;
    try {
      for (let rows = this.#rows.peek(BATCH_ROWS); rows.length > 0; rows = this.#rows.peek(BATCH_ROWS)) {
        const words = rows.map((row) => wordOf(this.#directory, row));
        await this.#directory.tell(words.filter((word) => word !== null));
        this.#rows.remove(rows.filter((_row, at) => words[at] !== null));
        this.#setAside(rows.filter((_row, at) => words[at] === null));
      }
      this.#failures = 0;
      this.#dueMs = null;
    } catch (error) {
      this.#failures += 1;
      const retryInMs = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(20, this.#failures - 1));
      log('warn', 'directory not reached', { retryInMs, error: String(error) });
      this.#dueMs = Date.now() + retryInMs;
    }
  }

  #setAside(rows: OutboxRow[]): void {
    for (const { key } of rows) log('error', 'word for the directory not readable', { key });
    this.#rows.setAside(rows);
  }
}

/** Null: this release cannot read it. */
function wordOf(directory: Pick<Directory, 'reads'> | null, { payload }: OutboxRow): Told | null {
  const parsed = Payload.safeParse(JSON.parse(payload));
  return parsed.success && directory?.reads(parsed.data) === true ? parsed.data : null;
}
