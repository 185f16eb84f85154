import { z } from 'zod';
import type { DeletionProgress } from '../../protocol/messages/deletion.ts';
import type { AlarmUnit } from '../shared/alarms.ts';
import type { AuditOutbox } from '../shared/audit/outbox.ts';
import { DeletionRecord } from '../shared/deletion-row.ts';
import { userGoneKind } from '../shared/directory/deletions.ts';
import type { DirectoryOutbox } from '../shared/directory/outbox.ts';
import type { Env } from '../shared/env.ts';
import { createLogger } from '../shared/log.ts';
import { fail } from '../shared/outcome.ts';
import type { Identity, Outcome } from '../shared/rpc.ts';
import type { KeyList } from './key-list.ts';
import type { SessionIndex } from './session-index.ts';
import type { WorkspaceList } from './workspace-list.ts';

/** What the job needs besides its own record. */
export interface AccountParts {
  ctx: DurableObjectState;
  env: Env;
  sessions: SessionIndex;
  workspaces: WorkspaceList;
  directory: DirectoryOutbox;
  audit: AuditOutbox;
  /** Ends every device; called in the transaction that begins the deletion. */
  endDevices: () => void;
  keys: KeyList;
}

const State = z.object({
  who: z.object({ userId: z.string(), displayName: z.string() }),
  /** Workspaces that go with the account: one's own and those nobody else is in. */
  alone: z.array(z.string()),
  /** Workspaces of others that one was in since it began. */
  others: z.array(z.string()).default([]),
});
type State = z.infer<typeof State>;

type Doing = Extract<DeletionProgress, { state: 'going' }>['doing'];
const log = createLogger('user-do');

/**
 * Deletes a person's account with everything that belongs to it: devices at once, then, as a job of steps that may each
 * be done again, carried on by the alarm however often the actor dies: keys, the person's part in others' workspaces and
 * sessions, the workspaces nobody else is in with all their sessions, the directory's rows, and at last, once no request
 * can be under way any more, this actor's storage with the job itself.
 */
export class AccountDeletion implements AlarmUnit {
  readonly name = 'account-deletion';
  readonly #parts: AccountParts;
  readonly #record: DeletionRecord;
  #doing: Doing = 'workspaces';
  #sessionsLeft = 0;
  #notBeforeMs = 0;

  constructor(parts: AccountParts) {
    this.#parts = parts;
    this.#record = new DeletionRecord(parts.ctx.storage.sql);
  }

  /**
   * Begins it. `confirm`: the user's id. `conflict`: somebody else's workspace would be left without an owner. Begun
   * again, it goes on as it is, and both secrets may ask after it.
   */
  async begin(who: Identity, confirm: string, tokenHash: string): Promise<Outcome<{ startedAtMs: number }>> {
    const { ctx, env, workspaces, endDevices } = this.#parts;
    if (confirm !== who.userId) return fail('invalid-request', 'confirm: your user id, as it is written.');
    if (this.isGoing) return this.#again(tokenHash);
    const teams = workspaces.all().filter(({ id }) => id !== who.userId);
    const asked = await Promise.all(
      teams.map(async ({ id, name }) => ({ id, name, ...(await workspaceOf(env, id).partOf(who.userId)) })),
    );
    const left = asked.filter(({ isLastOwner, others }) => isLastOwner && others > 0);
    if (left.length > 0) {
      const names = left.map(({ name }) => JSON.stringify(name)).join(', ');
      return fail(
        'conflict',
        `Others are in ${names}, which has no other owner; transfer or delete it first.`,
      );
    }
    const alone = [who.userId, ...asked.filter(({ others }) => others === 0).map(({ id }) => id)];
    // By another request, while this one asked.
    if (this.isGoing) return this.#again(tokenHash);
    const { userId, displayName } = who;
    const state: State = { who: { userId, displayName }, alone, others: [] };
    const startedAtMs = Date.now();
    ctx.storage.transactionSync(() => {
      this.#record.put({ tokenHash, requestedBy: userId, startedAtMs, state: JSON.stringify(state) });
      endDevices();
    });
    return { ok: true, value: { startedAtMs } };
  }

  progress(tokenHash: string): DeletionProgress {
    const row = this.#record.current;
    if (row === null || !this.#record.isKnown(tokenHash)) return { state: 'done' };
    return {
      ...{ state: 'going', startedAt: new Date(row.startedAtMs).toISOString() },
      ...{ doing: this.#doing, sessionsLeft: this.#sessionsLeft },
    };
  }

  /** Whether everything here is about to go. */
  get isGoing(): boolean {
    return this.#record.current !== null;
  }

  dueMs(): number | null {
    return this.isGoing ? this.#notBeforeMs : null;
  }

  async run(): Promise<void> {
    const row = this.#record.current;
    if (row === null) return;
    try {
      if (await this.#everything(State.parse(JSON.parse(row.state)))) {
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

  /** Every step, in order; what is done is quick to find done. False: something is not, and looked at again. */
  async #everything(before: State): Promise<boolean> {
    const { directory, audit } = this.#parts;
    const asked: Identity = { ...before.who, workspaceId: before.who.userId };
    // While the logs are there that it goes to.
    this.#doing = 'audit';
    if (!(await audit.flush())) return false;
    this.#doing = 'keys';
    if (!(await this.#keys(asked))) return false;
    this.#doing = 'workspaces';
    const { state, left } = await this.#leaveOthers(before, asked);
    await this.#outsideSessions(asked.userId);
    if (!(await this.#endAlone(state, asked)) || !left) return false;
    this.#doing = 'directory';
    directory.discard();
    directory.put(userGoneKind, { id: asked.userId });
    return directory.settle();
  }

  /** Takes the person out of every workspace that others are in; where nobody else is, it goes with the account. */
  async #leaveOthers(before: State, asked: Identity): Promise<{ state: State; left: boolean }> {
    const { env, workspaces } = this.#parts;
    const listed = workspaces.all().map(({ id }) => id);
    const teams = [...new Set([...before.others, ...listed])].filter((id) => !before.alone.includes(id));
    // Noted first: having left a workspace one does not have it in the list any more.
    this.#keep({ ...before, others: teams });
    const parts = await Promise.all(teams.map((id) => workspaceOf(env, id).leaveWithAccount(asked)));
    const alone = [...before.alone, ...teams.filter((_id, at) => parts[at] === 'alone')];
    const state = { ...before, alone, others: teams.filter((_id, at) => parts[at] !== 'alone') };
    this.#keep(state);
    return { state, left: !parts.includes('leaving') };
  }

  /** Deletes the workspaces nobody else is in. False: one is not gone yet. */
  async #endAlone({ alone }: State, asked: Identity): Promise<boolean> {
    const states = await Promise.all(
      alone.map((id) => workspaceOf(this.#parts.env, id).deleteWithAccount(asked)),
    );
    this.#sessionsLeft = 0;
    for (const state of states) if (state.state === 'going') this.#sessionsLeft += state.sessionsLeft;
    return states.every(({ state }) => state === 'done');
  }

  #keep(state: State): void {
    const [row, text] = [this.#record.current, JSON.stringify(state)];
    if (row !== null && row.state !== text) this.#record.put({ ...row, state: text });
  }

  #again(tokenHash: string): Outcome<{ startedAtMs: number }> {
    const row = this.#record.current;
    if (row === null || !this.#record.addToken(tokenHash))
      return fail('conflict', 'It has begun already; ask how far it is with the token of an earlier answer.');
    return { ok: true, value: { startedAtMs: row.startedAtMs } };
  }

  /** Ends and forgets the person's API keys. False: one is not reached yet. */
  async #keys(who: Identity): Promise<boolean> {
    const { env, keys } = this.#parts;
    const all = keys.all();
    const gone = await Promise.all(all.map(({ id }) => env.KEYS.get(env.KEYS.idFromName(id)).forget(who)));
    for (const [at, { id }] of all.entries()) if (gone[at] === true) keys.remove(id);
    return keys.all().length === 0;
  }

  /** Sessions of workspaces one is not in, shared with one. */
  async #outsideSessions(userId: string): Promise<void> {
    const { env, sessions } = this.#parts;
    const others = sessions.all().filter(({ workspaceId }) => workspaceId !== userId);
    await Promise.all(
      others.map(async ({ id, workspaceId }) => {
        const successor = (await workspaceOf(env, workspaceId).anOwner()) ?? workspaceId;
        if (successor === userId) return;
        await env.SESSIONS.get(env.SESSIONS.idFromName(id)).limitMember(userId, null, successor);
      }),
    );
  }

  /** Nothing is left, and this instance of the actor, which remembers some, ends. */
  async #forget(): Promise<void> {
    const { ctx } = this.#parts;
    await ctx.storage.deleteAll();
    await ctx.storage.sync();
    ctx.abort('deleted');
  }
}

function workspaceOf(env: Env, id: string) {
  return env.WORKSPACES.get(env.WORKSPACES.idFromName(id));
}
