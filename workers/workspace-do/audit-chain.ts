import { z } from 'zod';
import { AuditEntry } from '../../protocol/audit/entry.ts';
import { type AuditHead, AuditRow, EMPTY_HEAD, rowAfter } from '../../protocol/audit/row.ts';
import { canonicalJson } from '../../protocol/sync/json.ts';

const Head = z.object({ seq: z.number(), hash: z.string() });
const Text = z.object({ text: z.string() });

/**
 * The audit log of one workspace: every entry gets the next number and the hash of the row before it, in one
 * transaction, once, however often it is delivered. Rows are never changed.
 */
export class AuditChain {
  readonly #storage: DurableObjectStorage;
  readonly #workspaceId: string | undefined;

  constructor(storage: DurableObjectStorage, workspaceId: string | undefined) {
    this.#storage = storage;
    this.#workspaceId = workspaceId;
    storage.sql.exec(
      `CREATE TABLE IF NOT EXISTS audit (
         seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, hash TEXT NOT NULL, atMs INTEGER NOT NULL, action TEXT NOT NULL,
         actorId TEXT NOT NULL, targetId TEXT NOT NULL, outcome TEXT NOT NULL, text TEXT NOT NULL)`,
    );
  }

  /** The newest row's place. */
  get head(): AuditHead {
    const newest = this.#storage.sql.exec('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1').toArray();
    return newest.length === 0 ? EMPTY_HEAD : Head.parse(newest[0]);
  }

  /** Appends entries that are not there yet, in their order, all or none. Out: the rows that were added. Throws for one
   * of another workspace. */
  append(entries: readonly AuditEntry[]): AuditRow[] {
    return this.#storage.transactionSync(() => {
      const added: AuditRow[] = [];
      let head = this.head;
      for (const entry of entries.map((each) => AuditEntry.parse(each))) {
        if (entry.workspaceId !== this.#workspaceId) throw new Error('audit: an entry of another workspace');
        if (this.#has(entry.id)) continue;
        const row = rowAfter(head, entry);
        this.#insert(row, entry.atMs);
        added.push(row);
        head = row;
      }
      return added;
    });
  }

  /** Rows after `seq`, oldest first. */
  after(seq: number, limit: number): AuditRow[] {
    const found = this.#storage.sql.exec(
      'SELECT text FROM audit WHERE seq > ? ORDER BY seq LIMIT ?',
      seq,
      limit,
    );
    return found.toArray().map((row) => AuditRow.parse(JSON.parse(Text.parse(row).text)));
  }

  #has(id: string): boolean {
    return this.#storage.sql.exec('SELECT 1 FROM audit WHERE id = ?', id).toArray().length > 0;
  }

  #insert(row: AuditRow, atMs: number): void {
    this.#storage.sql.exec(
      'INSERT INTO audit (seq, id, hash, atMs, action, actorId, targetId, outcome, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ...[row.seq, row.id, row.hash, atMs, row.action],
      ...[row.actor.userId ?? '', row.target.id, row.outcome, canonicalJson(row)],
    );
  }
}
