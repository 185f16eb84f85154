import { z } from 'zod';
import type { AuditRow } from '../../../protocol/audit/row.ts';
import type { AlarmUnit } from '../../shared/alarms.ts';
import { auditKind, type AuditHistory } from '../../shared/directory/audit.ts';
import type { Directory } from '../../shared/directory/directory.ts';
import { createLogger } from '../../shared/log.ts';
import type { AuditChain } from './chain.ts';
import { HistoryError } from './history-error.ts';

/** Rows are gathered so long before the directory is told. */
const GATHER_MS = 1_000;
/** A directory that cannot be reached is tried again after so long, doubling up to the longest. */
const RETRY_MIN_MS = 2_000;
const RETRY_MAX_MS = 5 * 60_000;
/** Rows told in one question. */
const BATCH_ROWS = 200;
/** Rows that the directory has leave the actor when they are this old and beyond the newest so many. */
export const KEEP_MS = 30 * 24 * 3_600_000;
export const KEEP_ROWS = 100_000;

const Told = z.object({ seq: z.number() });
const log = createLogger('audit');

/**
 * Takes the log to the directory in Postgres, which has the long history, and reads from there what the actor no longer
 * has. What the directory was not told of stays here, so that without one everything does.
 */
export class AuditDrain implements AlarmUnit {
  readonly name = 'audit-directory';
  readonly #sql: SqlStorage;
  readonly #chain: AuditChain;
  readonly #directory: Pick<Directory, 'tell'> | null;
  readonly #history: AuditHistory | null;
  #dueMs: number | null = 0;
  #failures = 0;

  /** Without a directory (null) everything stays in the actor. */
  constructor(
    sql: SqlStorage,
    chain: AuditChain,
    directory: Pick<Directory, 'tell'> | null,
    history: AuditHistory | null,
  ) {
    this.#sql = sql;
    this.#chain = chain;
    this.#directory = directory;
    this.#history = history;
    sql.exec(
      'CREATE TABLE IF NOT EXISTS audit_told (only INTEGER PRIMARY KEY CHECK (only = 1), seq INTEGER NOT NULL)',
    );
    if (this.#toldSeq === chain.head.seq) this.#dueMs = null;
  }

  /** Rows were added. The caller arms its alarms afterwards. */
  added(): void {
    this.#dueMs ??= Date.now() + GATHER_MS;
  }

  dueMs(): number | null {
    return this.#directory === null ? null : this.#dueMs;
  }

  async run(nowMs: number): Promise<void> {
    if (this.#directory === null) return;
    try {
      for (let rows = this.#next(); rows.length > 0; rows = this.#next()) {
        await this.#directory.tell(rows.map((row) => ({ kind: auditKind.name, row })));
        const seq = rows.at(-1)?.seq ?? 0;
        this.#sql.exec('INSERT OR REPLACE INTO audit_told (only, seq) VALUES (1, ?)', seq);
      }
      this.#chain.forget(Math.min(this.#toldSeq, this.#chain.head.seq - KEEP_ROWS), nowMs - KEEP_MS);
      this.#failures = 0;
      this.#dueMs = null;
    } catch (error) {
      this.#failures += 1;
      const retryInMs = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(20, this.#failures - 1));
      log('warn', 'directory not reached', { retryInMs, error: String(error) });
      this.#dueMs = Date.now() + retryInMs;
    }
  }

  /** Rows after `seq`, oldest first, from wherever they are. Rejects with a `HistoryError` when they cannot be had. */
  async after(seq: number, limit: number): Promise<AuditRow[]> {
    const { oldest, workspaceId = '' } = this.#chain;
    if (seq + 1 >= oldest) return this.#chain.after(seq, limit);
    const wanted = Math.min(limit, oldest - seq - 1);
    return this.#old((history) => history.after(workspaceId, seq, wanted), seq + 1, wanted, 1);
  }

  /** Rows before `seq`, newest first, from wherever they are. Rejects with a `HistoryError` when they cannot be had. */
  async before(seq: number, limit: number): Promise<AuditRow[]> {
    const { oldest, workspaceId = '' } = this.#chain;
    if (seq > oldest || oldest === 1) return this.#chain.before(seq, limit);
    const wanted = Math.min(limit, seq - 1);
    return this.#old((history) => history.before(workspaceId, seq, wanted), seq - 1, wanted, -1);
  }

  /** Rows that only the directory has, `count` of them from row `first` on: all of them or none. */
  async #old(
    read: (history: AuditHistory) => Promise<AuditRow[]>,
    first: number,
    count: number,
    step: 1 | -1,
  ): Promise<AuditRow[]> {
    if (count <= 0) return [];
    const { oldest } = this.#chain;
    if (this.#history === null) throw new HistoryError(oldest, 'there is no directory any more');
    let rows: AuditRow[];
    try {
      rows = await read(this.#history);
    } catch (error) {
      log('warn', 'old rows not read', { error: String(error) });
      throw new HistoryError(oldest, 'it cannot be reached now; try again later');
    }
    const gap = Array.from({ length: count }, (_, at) => first + at * step).find(
      (seq, at) => rows[at]?.seq !== seq,
    );
    if (gap !== undefined) throw new HistoryError(oldest, `row ${gap} is missing there; restore it`);
    return rows;
  }

  #next(): AuditRow[] {
    return this.#chain.after(this.#toldSeq, BATCH_ROWS);
  }

  get #toldSeq(): number {
    const told = this.#sql.exec('SELECT seq FROM audit_told').toArray();
    return told.length === 0 ? 0 : Told.parse(told[0]).seq;
  }
}
