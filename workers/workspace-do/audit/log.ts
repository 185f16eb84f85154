import type { AuditExportEnd } from '../../../protocol/audit/checkpoint.ts';
import { type AuditDraft, type AuditEntry, DEPLOYMENT_STREAM } from '../../../protocol/audit/entry.ts';
import type { AuditExportPart, AuditExportRange } from '../../../protocol/audit/export.ts';
import type { AuditPage, AuditQuery } from '../../../protocol/audit/query.ts';
import { EMPTY_HEAD } from '../../../protocol/audit/row.ts';
import type { WorkspaceRole } from '../../../protocol/messages/workspace.ts';
import type { AlarmUnit } from '../../shared/alarms.ts';
import { draftOf } from '../../shared/audit/draft.ts';
import { auditSigner } from '../../shared/audit/signer.ts';
import { openAuditHistory } from '../../shared/directory/audit.ts';
import { openDirectory } from '../../shared/directory/directory.ts';
import type { Env } from '../../shared/env.ts';
import { randomId } from '../../shared/ids.ts';
import { fail } from '../../shared/outcome.ts';
import { NO_SUCH_WORKSPACE } from '../../shared/policy/decide.ts';
import type { Identity, Outcome } from '../../shared/rpc.ts';
import { AuditChain } from './chain.ts';
import { AuditCheckpoints } from './checkpoints.ts';
import { AuditDenials } from './denials.ts';
import { AuditDrain } from './drain.ts';
import { orFailure } from './history-error.ts';
import { mayReadAudit, readPage } from './reader.ts';

/** Rows of an export handed over at once. */
const EXPORT_ROWS = 500;
/** Reading again within so long is the same reading. */
const SAME_READING_MS = 60_000;
/** Readings remembered for that. */
const MAX_READINGS = 1_000;

/** The audit log of a workspace, for its actor: takes entries and refusals, answers readers, and goes out by alarm. */
export class AuditLog {
  readonly #env: Env;
  readonly #roleOf: (userId: string) => WorkspaceRole | null;
  readonly #chain: AuditChain;
  readonly #denials: AuditDenials;
  readonly #checkpoints: AuditCheckpoints;
  readonly #drain: AuditDrain;
  readonly #readings = new Map<string, number>();
  /** What the actor's alarm runs; arm it after every call that adds to the log. */
  readonly units: readonly AlarmUnit[];

  /** `workspaceId`: the actor's name; `roleOf`: what somebody is in the workspace. */
  constructor(
    storage: DurableObjectStorage,
    env: Env,
    workspaceId: string | undefined,
    roleOf: (userId: string) => WorkspaceRole | null,
  ) {
    this.#env = env;
    this.#roleOf = roleOf;
    this.#chain = new AuditChain(storage, workspaceId);
    this.#denials = new AuditDenials(storage, this.#chain);
    this.#checkpoints = new AuditCheckpoints(storage.sql, env, this.#chain);
    this.#drain = new AuditDrain(storage.sql, this.#chain, openDirectory(env), openAuditHistory(env));
    // In this order: what is counted becomes rows first.
    this.units = [this.#denials, this.#drain, this.#checkpoints];
  }

  /** See `WorkspaceRpc.appendAudit`. Call it also for acts of the workspace's own actor, in their transaction. */
  append(entries: readonly AuditEntry[]): void {
    this.#chain.append(entries);
    this.#drain.added();
  }

  /** An act of this actor's own: call it in the transaction of the act. */
  record(draft: AuditDraft): void {
    this.append([{ ...draft, id: randomId(16) }]);
  }

  denied(draft: AuditDraft, count: number): void {
    this.#denials.note(draft, count);
    this.#drain.added();
  }

  /** Tells all of it to whoever keeps it besides this actor. True when nothing is left that only this actor has. */
  async settle(): Promise<boolean> {
    const nowMs = Date.now();
    this.#denials.run();
    await this.#drain.run(nowMs);
    await this.#checkpoints.make();
    return this.#drain.dueMs() === null;
  }

  async query(who: Identity, query: AuditQuery): Promise<Outcome<AuditPage>> {
    const refusal = this.#refusal(who);
    if (refusal !== null) return refusal;
    const { cursor, limit: _limit, ...filters } = query;
    if (cursor === undefined) this.#recordReading(who, filters);
    return orFailure(readPage(this.#drain, query).then((value) => ({ ok: true, value })));
  }

  /** Begins an export of everything after row `since`; that it was made is its last entry. */
  beginExport(who: Identity, since: number, format: string): Outcome<AuditExportRange> {
    const refusal = this.#refusal(who);
    if (refusal !== null) return refusal;
    const { seq, hash } = this.#chain.head;
    if (since > seq) return fail('invalid-request', `The newest row is ${seq}.`);
    const detail = { format, since, hash };
    this.record(draftOf(who, { action: 'audit.export', target: this.#target, detail, ...this.#stream }));
    const range = { workspaceId: this.#stream.workspaceId, firstSeq: since + 1, lastSeq: seq + 1 };
    return { ok: true, value: range };
  }

  /** The next part of an export, after row `seq`. */
  async exportPart(who: Identity, seq: number, lastSeq: number): Promise<Outcome<AuditExportPart>> {
    const refusal = this.#refusal(who);
    if (refusal !== null) return refusal;
    return orFailure(this.#part(seq, Math.min(EXPORT_ROWS, lastSeq - seq)));
  }

  async #part(seq: number, limit: number): Promise<Outcome<AuditExportPart>> {
    const rows = await this.#drain.after(seq, limit);
    const last = rows.at(-1)?.seq;
    const checkpoints = last === undefined ? [] : await this.#checkpoints.between(seq + 1, last);
    return { ok: true, value: { rows, checkpoints } };
  }

  /** The signed last line of an export. */
  async endExport(
    who: Identity,
    told: { firstSeq: number; lastSeq: number; checkpoints: number },
  ): Promise<Outcome<AuditExportEnd>> {
    const refusal = this.#refusal(who);
    if (refusal !== null) return refusal;
    const { firstSeq, lastSeq, checkpoints } = told;
    const [last] = await this.#drain.after(lastSeq - 1, 1);
    const signer = await auditSigner(this.#env.SIGNING_KEY);
    const end = await signer.sign({
      ...({ type: 'end', version: 1 } as const),
      ...this.#stream,
      ...{ firstSeq, seq: lastSeq, hash: last?.hash ?? EMPTY_HEAD.hash, checkpoints },
      at: new Date().toISOString(),
    });
    return { ok: true, value: end };
  }

  #recordReading(who: Identity, filters: Record<string, string | undefined>): void {
    const given = Object.entries(filters).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    );
    const key = JSON.stringify([who.userId, who.credential ?? null, given]);
    const nowMs = Date.now();
    const lastMs = this.#readings.get(key);
    if (lastMs !== undefined && nowMs - lastMs < SAME_READING_MS) return;
    if (this.#readings.size >= MAX_READINGS) this.#readings.clear();
    this.#readings.set(key, nowMs);
    const detail: AuditDraft['detail'] = Object.fromEntries(given);
    this.record(draftOf(who, { action: 'audit.read', target: this.#target, detail, ...this.#stream }));
  }

  #refusal(who: Identity): Extract<Outcome<never>, { ok: false }> | null {
    const { workspaceId } = this.#stream;
    const role = this.#roleOf(who.userId);
    if (mayReadAudit(who, workspaceId, role)) return null;
    if (workspaceId === DEPLOYMENT_STREAM)
      return fail('forbidden', 'This is for operators of the deployment.');
    if (role === null) return fail('not-found', NO_SUCH_WORKSPACE);
    return fail('forbidden', 'The audit log is for owners and admins of the workspace; ask one of them.');
  }

  get #target() {
    return { kind: 'audit', id: this.#stream.workspaceId };
  }

  get #stream() {
    return { workspaceId: this.#chain.workspaceId ?? '' };
  }
}
