import { z } from 'zod';
import { AuditEntry } from '../../../protocol/audit/entry.ts';
import { type AuditHead, AuditRow, EMPTY_HEAD, rowAfter } from '../../../protocol/audit/row.ts';
import { canonicalJson } from '../../../protocol/sync/json.ts';

const Head = z.object({ seq: z.number(), hash: z.string() });
const Text = z.object({ text: z.string() });
const Value = z.object({ value: z.number().nullable() });

/**
 * The audit log of one workspace: every entry gets the next number and the hash of the row before it, in one
 * transaction, once, however often it is delivered. Rows are never changed; the oldest may be given up when others have
 * them.
 */
export class AuditChain {
  readonly #storage: DurableObjectStorage;
  /** Whose log it is. Undefined in an actor without a name, which takes no entries. */
  readonly workspaceId: string | undefined;

  constructor(storage: DurableObjectStorage, workspaceId: string | undefined) {
    this.#storage = storage;
    this.workspaceId = workspaceId;
    storage.sql.exec(
      `CREATE TABLE IF NOT EXISTS audit (
         seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, hash TEXT NOT NULL, atMs INTEGER NOT NULL, text TEXT NOT NULL)`,
    );
  }

  /** The newest row's place. */
  get head(): AuditHead {
    const newest = this.#storage.sql.exec('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1').toArray();
    return newest.length === 0 ? EMPTY_HEAD : Head.parse(newest[0]);
  }

  /** Number of the oldest row that is still here; one more than the newest when none is. */
  get oldest(): number {
    return this.#value('SELECT min(seq) AS value FROM audit') ?? this.head.seq + 1;
  }

  /** When the row happened, in milliseconds since the epoch. Null: it is not here. */
  atMs(seq: number): number | null {
    return this.#value('SELECT max(atMs) AS value FROM audit WHERE seq = ?', seq);
  }

  /**
   * Appends entries that are not there yet, in their order, all or none. Out: the rows that were added. Throws for one
   * of another workspace.
   */
  append(entries: readonly AuditEntry[]): AuditRow[] {
    return this.#storage.transactionSync(() => {
      const added: AuditRow[] = [];
      let head = this.head;
      for (const entry of entries.map((each) => AuditEntry.parse(each))) {
        if (entry.workspaceId !== this.workspaceId) throw new Error('audit: an entry of another workspace');
        if (this.#value('SELECT max(seq) AS value FROM audit WHERE id = ?', entry.id) !== null) continue;
        const row = rowAfter(head, entry);
        this.#storage.sql.exec(
          'INSERT INTO audit (seq, id, hash, atMs, text) VALUES (?, ?, ?, ?, ?)',
          ...[row.seq, row.id, row.hash, entry.atMs, canonicalJson(row)],
        );
        added.push(row);
        head = row;
      }
      return added;
    });
  }

  /** Rows after `seq`, oldest first. */
  after(seq: number, limit: number): AuditRow[] {
    return this.#rows('SELECT text FROM audit WHERE seq > ? ORDER BY seq LIMIT ?', seq, limit);
  }

  /** Rows before `seq`, newest first. */
  before(seq: number, limit: number): AuditRow[] {
    return this.#rows('SELECT text FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?', seq, limit);
  }

  /** Gives up rows up to `seq` that happened before `beforeMs`. Never the newest: the next one follows it. */
  forget(seq: number, beforeMs: number): void {
    const last = Math.min(seq, this.head.seq - 1);
    // Up to the first that has to stay: what is left has no gaps.
    const stays = this.#value('SELECT min(seq) AS value FROM audit WHERE atMs >= ?', beforeMs) ?? last + 1;
    this.#storage.sql.exec('DELETE FROM audit WHERE seq <= ? AND seq < ?', last, stays);
  }

  #rows(sql: string, ...values: number[]): AuditRow[] {
    const found = this.#storage.sql.exec(sql, ...values).toArray();
    return found.map((row) => AuditRow.parse(JSON.parse(Text.parse(row).text)));
  }

  #value(sql: string, ...values: (string | number)[]): number | null {
    return Value.parse(this.#storage.sql.exec(sql, ...values).one()).value;
  }
}
