import { z } from 'zod';
import { AuditDraft, AuditEntry } from '../../../protocol/audit/entry.ts';
import type { AlarmUnit } from '../alarms.ts';
import type { Env } from '../env.ts';
import { randomId } from '../ids.ts';
import { createLogger, masker } from '../log.ts';
import { entriesOf, StoredEntry } from './stored.ts';

/** Entries are gathered so long before they are told. */
const GATHER_MS = 100;
/** A workspace that cannot be told is told again after so long, doubling up to the longest. */
const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 60_000;
/** Entries told in one call. */
const BATCH_ENTRIES = 100;
/** Entries that may wait. One more is refused, and with it the act it is about. */
export const MAX_WAITING_ENTRIES = 10_000;
const ID_BYTES = 16;

const Row = StoredEntry.extend({ place: z.number() });
const log = createLogger('audit');

/** The log cannot take an entry, so that what it is about must not happen. */
export class AuditFullError extends Error {
  /** Trying again later may help. */
  readonly retryable = true;

  constructor() {
    super('audit: too many entries wait to be told');
    this.name = 'AuditFullError';
  }
}

/**
 * What an actor still has to tell the audit logs of workspaces. `record` is called in the transaction of the act, so
 * that there is neither an act without its entry nor an entry without its act; the entry is told after it, by the
 * actor's alarm or by `flush`, until the workspace has it. What may have been told is told again: it is known by its id.
 * An entry of another release that this one cannot read is told as its text, so that it holds up nothing and is not lost.
 *
 * Nothing is stored, not even a table, before the first entry.
 */
export class AuditOutbox implements AlarmUnit {
  readonly name = 'audit';
  readonly #sql: SqlStorage;
  readonly #workspaces: Env['WORKSPACES'];
  #dueMs: number | null;
  #failures = 0;
  #telling: Promise<boolean> | null = null;

  constructor(storage: DurableObjectStorage, env: Pick<Env, 'WORKSPACES'>) {
    this.#sql = storage.sql;
    this.#workspaces = env.WORKSPACES;
    this.#dueMs = this.isEmpty ? null : 0;
  }

  /**
   * Writes an entry, secrets in it masked; call in the transaction of the act, or, where the act is no write of this actor's, before it: what
   * an actor sends is held back until what it wrote is durable. The caller arms its alarm for {@link dueMs} afterwards.
   * `id`: the same for what may be recorded twice. Out: the entry's id. Throws {@link AuditFullError}, and ZodError for
   * what is no draft; then the act must not happen.
   */
  record(draft: AuditDraft, id: string = randomId(ID_BYTES)): string {
    const { reason } = draft;
    const told = AuditDraft.parse({
      ...{ ...draft, detail: masker.fields(draft.detail) },
      reason: reason === null ? null : masker.text(reason),
    });
    const entry = AuditEntry.parse({ ...told, id });
    this.#sql.exec(
      `CREATE TABLE IF NOT EXISTS audit_outbox (
         place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, workspaceId TEXT NOT NULL, payload TEXT NOT NULL)`,
    );
    const { waiting } = z
      .object({ waiting: z.number() })
      .parse(this.#sql.exec('SELECT count(*) AS waiting FROM audit_outbox').one());
    if (waiting >= MAX_WAITING_ENTRIES) throw new AuditFullError();
    this.#sql.exec(
      'INSERT INTO audit_outbox (id, workspaceId, payload) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING',
      ...[id, entry.workspaceId, JSON.stringify(entry)],
    );
    this.#dueMs ??= Date.now() + GATHER_MS;
    return id;
  }

  get isEmpty(): boolean {
    return !this.#exists || this.#sql.exec('SELECT 1 FROM audit_outbox LIMIT 1').toArray().length === 0;
  }

  /** When entries are to be told next; null: none wait. */
  dueMs(): number | null {
    return this.#dueMs;
  }

  /** Tells what waits; what cannot be told is due again later. */
  async run(): Promise<void> {
    await this.flush();
  }

  /** Tells what waits, now. True when nothing is left. Never rejects. */
  flush(): Promise<boolean> {
    this.#telling ??= this.#tellAll().finally(() => (this.#telling = null));
    return this.#telling;
  }

  async #tellAll(): Promise<boolean> {
    const unreached = new Set<string>();
    for (let next = this.#next(unreached); next !== null; next = this.#next(unreached)) {
      const { workspaceId, rows } = next;
      try {
        const entries = rows.flatMap((row) => this.#read(row));
        await this.#workspaces.get(this.#workspaces.idFromName(workspaceId)).appendAudit(entries);
        for (const { place } of rows) this.#sql.exec('DELETE FROM audit_outbox WHERE place = ?', place);
      } catch (error) {
        unreached.add(workspaceId);
        log('warn', 'audit log not reached', { workspaceId, error: String(error) });
      }
    }
    this.#failures = unreached.size === 0 ? 0 : this.#failures + 1;
    const retryInMs = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(20, this.#failures - 1));
    this.#dueMs = unreached.size === 0 ? null : Date.now() + retryInMs;
    return unreached.size === 0;
  }

  /** The oldest entries for one workspace, in their order. Null: none, but for workspaces that were not reached. */
  #next(unreached: ReadonlySet<string>): { workspaceId: string; rows: z.infer<typeof Row>[] } | null {
    if (!this.#exists) return null;
    const Waiting = z.array(z.object({ workspaceId: z.string() }));
    const waiting = Waiting.parse(
      this.#sql
        .exec('SELECT workspaceId FROM audit_outbox GROUP BY workspaceId ORDER BY min(place)')
        .toArray(),
    );
    const found = waiting.find(({ workspaceId }) => !unreached.has(workspaceId));
    if (found === undefined) return null;
    const rows = this.#sql.exec(
      'SELECT place, id, workspaceId, payload FROM audit_outbox WHERE workspaceId = ? ORDER BY place LIMIT ?',
      ...[found.workspaceId, BATCH_ENTRIES],
    );
    return { workspaceId: found.workspaceId, rows: z.array(Row).parse(rows.toArray()) };
  }

  #read(row: StoredEntry): AuditEntry[] {
    const { entries, unreadable } = entriesOf(row, Date.now());
    const { id, workspaceId } = row;
    if (unreadable !== null) log('error', 'audit entry not readable', { workspaceId, id, unreadable });
    return entries;
  }

  get #exists(): boolean {
    const found = this.#sql.exec(
      "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'audit_outbox'",
    );
    return found.toArray().length > 0;
  }
}
