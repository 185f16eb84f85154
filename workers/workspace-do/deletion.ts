import type { DeletionProgress } from '../../protocol/messages/deletion.ts';
import type { AlarmUnit } from '../shared/alarms.ts';
import type { DeletionRecord } from '../shared/deletion-row.ts';
import { workspaceGoneKind } from '../shared/directory/deletions.ts';
import { createLogger } from '../shared/log.ts';
import { fail } from '../shared/outcome.ts';
import type { Identity, Outcome } from '../shared/rpc.ts';
import { note } from './note.ts';
import type { Parts } from './parts.ts';

/** Sessions asked to go at once. */
const BATCH = 16;

type Doing = Extract<DeletionProgress, { state: 'going' }>['doing'];
const log = createLogger('workspace-do');

/**
 * Deletes a workspace with everything that belongs to it. Its members are out in the transaction that begins it, so that
 * to everybody it is gone at once; the rest is a job of steps that may each be done again, carried on by the alarm from
 * whatever the rows say, however often the actor dies: every session (sandbox, files, actor), the members' lists, the audit
 * log to the directory, the directory's rows, and at last, once nobody can be on their way to it any more, this actor's
 * storage with the job itself.
 */
export class WorkspaceDeletion implements AlarmUnit {
  readonly name = 'deletion';
  readonly #parts: Parts;
  readonly #record: DeletionRecord;
  #doing: Doing = 'sessions';
  #notBeforeMs = 0;
  #running: Promise<void> | null = null;

  constructor(parts: Parts, record: DeletionRecord) {
    this.#parts = parts;
    this.#record = record;
  }

  /** Begins it, as an owner asks. `confirm`: the workspace's name. */
  begin(who: Identity, confirm: string, tokenHash: string): Outcome<{ startedAtMs: number }> {
    const { record } = this.#parts;
    if (record.current?.kind !== 'team')
      return fail('conflict', "A person's own workspace goes with the account; delete that.");
    if (confirm !== record.current.name)
      return fail('invalid-request', "confirm: the workspace's name, as it is written.");
    return { ok: true, value: { startedAtMs: this.#begin(who, tokenHash) } };
  }

  /** Begins it, or goes on with it, because its last member's account is deleted. Out: how far it is. */
  async withAccount(who: Identity): Promise<DeletionProgress> {
    if (this.#parts.record.current === null) return { state: 'done' };
    if (this.#record.current === null) this.#begin(who, '');
    await this.run(Date.now());
    return this.#progress();
  }

  /** How far it is, for who began it. */
  progress(tokenHash: string): DeletionProgress {
    return this.#record.isKnown(tokenHash) ? this.#progress() : { state: 'done' };
  }

  /** Whether everything here is about to go. */
  get isGoing(): boolean {
    return this.#record.current !== null;
  }

  dueMs(): number | null {
    return this.isGoing ? this.#notBeforeMs : null;
  }

  run(nowMs: number): Promise<void> {
    this.#running ??= this.#run(nowMs).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #run(nowMs: number): Promise<void> {
    if (!this.isGoing || nowMs < this.#notBeforeMs) return;
    try {
      if (await this.#everything()) {
        const lingerMs = this.#record.lingerMs(Date.now());
        if (lingerMs === 0) return await this.#forget();
        this.#notBeforeMs = Date.now() + lingerMs;
        return;
      }
    } catch (error) {
      log('warn', 'deletion held up', { doing: this.#doing, error: String(error) });
    }
    this.#notBeforeMs = Date.now() + this.#record.lookAgainMs(Date.now());
  }

  #begin(who: Identity, tokenHash: string): number {
    const { ctx, memberRows, invitationRows, roleChanges, record } = this.#parts;
    const startedAtMs = Date.now();
    ctx.storage.transactionSync(() => {
      this.#record.put({ tokenHash, requestedBy: who.userId, startedAtMs, state: '' });
      const action = record.current?.kind === 'personal' ? 'user.delete' : 'workspace.delete';
      note(this.#parts, who, { action, target: { kind: 'workspace', id: record.current?.id ?? '' } });
      for (const row of memberRows.active()) memberRows.put({ ...row, role: null, listDirty: true });
      invitationRows.clear();
      roleChanges.clear();
    });
    return startedAtMs;
  }

  /** Every step, in order; what is done is quick to find done. False: something is not, and looked at again. */
  async #everything(): Promise<boolean> {
    const { lists, memberRows, audit, directory, record, sessionRows } = this.#parts;
    this.#doing = 'sessions';
    await this.#sessions();
    this.#doing = 'members';
    await lists.run(Date.now());
    if (memberRows.toTell(1).length > 0 || sessionRows.count > 0) {
      if (sessionRows.count > 0) this.#doing = 'sessions';
      return false;
    }
    this.#doing = 'audit';
    if (!(await audit.settle())) return false;
    this.#doing = 'directory';
    // Whatever waited to be told of it is void now.
    directory.discard();
    directory.put(workspaceGoneKind, { id: record.current?.id ?? '' });
    return directory.settle();
  }

  async #sessions(): Promise<void> {
    const { env, sessionRows } = this.#parts;
    for (
      let after = '', ids = sessionRows.page(after, BATCH);
      ids.length > 0;
      ids = sessionRows.page(after, BATCH)
    ) {
      const states = await Promise.allSettled(
        ids.map((id) => env.SESSIONS.get(env.SESSIONS.idFromName(id)).destroyWithWorkspace()),
      );
      for (const [at, state] of states.entries())
        if (state.status === 'fulfilled' && state.value === 'gone') sessionRows.remove(ids[at] ?? '');
      after = ids.at(-1) ?? '';
    }
  }

  /** Nothing is left, and this instance of the actor, which remembers some, ends. */
  async #forget(): Promise<void> {
    const { ctx } = this.#parts;
    await ctx.storage.deleteAll();
    await ctx.storage.sync();
    ctx.abort('deleted');
  }

  #progress(): DeletionProgress {
    const row = this.#record.current;
    if (row === null) return { state: 'done' };
    return {
      ...{ state: 'going', startedAt: new Date(row.startedAtMs).toISOString(), doing: this.#doing },
      sessionsLeft: this.#parts.sessionRows.count,
    };
  }
}
