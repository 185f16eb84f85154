import { z } from 'zod';
import { AuditCheckpoint } from '../../../protocol/audit/checkpoint.ts';
import { canonicalJson } from '../../../protocol/sync/json.ts';
import type { AlarmUnit } from '../../shared/alarms.ts';
import { AuditArchive } from '../../shared/audit/archive.ts';
import { auditSigner } from '../../shared/audit/signer.ts';
import type { Env } from '../../shared/env.ts';
import { createLogger } from '../../shared/log.ts';
import type { AuditChain } from './chain.ts';

/** A checkpoint is made after so many rows, or so long after the first row that none covers. */
export const CHECKPOINT_EVERY_ROWS = 1_000;
export const CHECKPOINT_EVERY_MS = 10 * 60_000;
/** Object storage that cannot be reached is tried again after so long, doubling up to the longest. */
const RETRY_MIN_MS = 5_000;
const RETRY_MAX_MS = 10 * 60_000;

const Stored = z.object({ text: z.string() });
const log = createLogger('audit');

/** Signs where the log stands, now and then, and puts that where the log's own actor cannot change it. */
export class AuditCheckpoints implements AlarmUnit {
  readonly name = 'audit-checkpoints';
  readonly #sql: SqlStorage;
  readonly #env: Pick<Env, 'ARCHIVE' | 'SIGNING_KEY'>;
  readonly #chain: AuditChain;
  readonly #archive: AuditArchive;
  #notBeforeMs = 0;
  #failures = 0;

  constructor(sql: SqlStorage, env: Pick<Env, 'ARCHIVE' | 'SIGNING_KEY'>, chain: AuditChain) {
    this.#sql = sql;
    this.#env = env;
    this.#chain = chain;
    this.#archive = new AuditArchive(env);
    sql.exec('CREATE TABLE IF NOT EXISTS audit_checkpoints (seq INTEGER PRIMARY KEY, text TEXT NOT NULL)');
  }

  /** The last row that a checkpoint covers. */
  get covered(): number {
    const { seq } = z
      .object({ seq: z.number() })
      .parse(this.#sql.exec('SELECT coalesce(max(seq), 0) AS seq FROM audit_checkpoints').one());
    return seq;
  }

  dueMs(): number | null {
    const { covered } = this;
    const open = this.#chain.head.seq - covered;
    if (open === 0) return null;
    const dueMs =
      open >= CHECKPOINT_EVERY_ROWS ? 0 : (this.#chain.atMs(covered + 1) ?? 0) + CHECKPOINT_EVERY_MS;
    return Math.max(dueMs, this.#notBeforeMs);
  }

  async run(): Promise<void> {
    try {
      await this.make();
      this.#failures = 0;
      this.#notBeforeMs = 0;
    } catch (error) {
      this.#failures += 1;
      const retryInMs = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(20, this.#failures - 1));
      this.#notBeforeMs = Date.now() + retryInMs;
      log('warn', 'checkpoint not kept', { retryInMs, error: String(error) });
    }
  }

  /** Makes a checkpoint of the newest row, unless one covers it. Rejects when it cannot be kept. */
  async make(): Promise<void> {
    const { seq, hash } = this.#chain.head;
    const { workspaceId } = this.#chain;
    if (seq === this.covered || workspaceId === undefined) return;
    const signer = await auditSigner(this.#env.SIGNING_KEY);
    const at = new Date().toISOString();
    const unsigned = { ...({ type: 'checkpoint', version: 1 } as const), workspaceId, seq, hash, at };
    const kept = await this.#archive.put(await signer.sign(unsigned), signer);
    this.#sql.exec(
      'INSERT OR IGNORE INTO audit_checkpoints (seq, text) VALUES (?, ?)',
      seq,
      canonicalJson(kept),
    );
  }

  /**
   * Checkpoints of the rows from `firstSeq` to `lastSeq`, oldest first. Those in object storage count: they say what the
   * log was, whatever the actor says now.
   */
  async between(firstSeq: number, lastSeq: number): Promise<AuditCheckpoint[]> {
    const own = this.#sql
      .exec('SELECT text FROM audit_checkpoints WHERE seq BETWEEN ? AND ? ORDER BY seq', firstSeq, lastSeq)
      .toArray()
      .map((row) => AuditCheckpoint.parse(JSON.parse(Stored.parse(row).text)));
    const { workspaceId } = this.#chain;
    if (workspaceId === undefined) return own;
    const kept = await this.#archive.list(workspaceId, firstSeq, lastSeq, lastSeq - firstSeq + 1);
    const bySeq = new Map([...own, ...kept].map((checkpoint) => [checkpoint.seq, checkpoint]));
    return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
  }
}
