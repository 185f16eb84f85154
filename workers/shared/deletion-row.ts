import { z } from 'zod';

/**
 * What is deleted stays for so long after its deletion began, with nobody in it: whoever was let in by what an isolate
 * knew (`MAX_STALENESS_MS` of the gateway, 5 s) must find it going, not make another of the same id.
 */
export const DELETION_LINGER_MS = 8_000;
/** What is not done yet is looked at again after an eighth of the time it has taken, within these bounds. */
const LOOK_AGAIN = { share: 1 / 8, minMs: 500, maxMs: 30_000 } as const;
/** Times a deletion may be begun again, each with a secret of its own to ask after it. */
const MAX_TOKENS = 8;

const Row = z.object({
  /** Of every secret that may ask, with blanks between them. */
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

  /** Whether who has this secret began it. */
  isKnown(tokenHash: string): boolean {
    return this.#row?.tokenHash.split(' ').includes(tokenHash) === true;
  }

  /** Lets another secret ask, because the answer with the first may have been lost. False: there are too many. */
  addToken(tokenHash: string): boolean {
    if (this.#row === null || this.#row.tokenHash.split(' ').length >= MAX_TOKENS) return false;
    this.put({ ...this.#row, tokenHash: `${this.#row.tokenHash} ${tokenHash}` });
    return true;
  }

  /** How long what is deleted has to stay, in milliseconds. */
  lingerMs(nowMs: number): number {
    return Math.max(0, (this.#row?.startedAtMs ?? 0) + DELETION_LINGER_MS - nowMs);
  }

  /** How soon to look again at what is not done, in milliseconds: soon at first, seldom where something is away for long. */
  lookAgainMs(nowMs: number): number {
    const tookMs = nowMs - (this.#row?.startedAtMs ?? nowMs);
    return Math.min(LOOK_AGAIN.maxMs, Math.max(LOOK_AGAIN.minMs, tookMs * LOOK_AGAIN.share));
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
