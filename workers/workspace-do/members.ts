import { MAX_WORKSPACE_MEMBERS } from '../../protocol/limits.ts';
import type { WorkspaceMember, WorkspaceRole } from '../../protocol/messages/workspace.ts';
import type { Act } from '../shared/audit/draft.ts';
import { membershipKind } from '../shared/directory/memberships.ts';
import { fail, type Failure } from '../shared/outcome.ts';
import type { Identity, Outcome } from '../shared/rpc.ts';
import type { ActiveMember, MemberRow } from './member-rows.ts';
import { note } from './note.ts';
import type { Parts } from './parts.ts';
import { mayAssign } from './permissions.ts';

/** Who takes over what has no owner any more, by role. */
const HEIRS: readonly WorkspaceRole[] = ['admin', 'member', 'viewer'];

/** Who is in the workspace, as what: changes, and whom they have to be told. */
export class Members {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  list(): WorkspaceMember[] {
    return this.#parts.memberRows.active().map(toMember);
  }

  /** Takes somebody in who may, as whoever asks has been found out by the caller. */
  add(userId: string, displayName: string | null, role: WorkspaceRole): Outcome<null> {
    const { memberRows, roleChanges } = this.#parts;
    if (memberRows.active().length >= MAX_WORKSPACE_MEMBERS)
      return fail('limit-exceeded', `At most ${MAX_WORKSPACE_MEMBERS} members; remove one first.`);
    this.#parts.ctx.storage.transactionSync(() => {
      // A viewer who was more before may still be that in a session that has not heard of it.
      if (role === 'viewer') roleChanges.lower(userId);
      else roleChanges.forget(userId);
      this.#put({ userId, displayName, role, addedAtMs: Date.now(), listDirty: true });
    });
    return { ok: true, value: null };
  }

  /** Gives a member another role. */
  set(who: Identity, userId: string, role: WorkspaceRole): Outcome<WorkspaceMember> {
    const { memberRows, roleChanges } = this.#parts;
    const row = memberRows.get(userId);
    if (row === undefined || row.role === null) return noSuchMember();
    const own = memberRows.roleOf(who.userId);
    if (own === null || !mayAssign(own, row.role, role))
      return fail('forbidden', 'Only an owner makes or unmakes owners; ask one.');
    if (row.role === role) return { ok: true, value: toMember({ ...row, role }) };
    if (memberRows.isLastOwner(userId)) return lastOwner();
    const before = row.role;
    const changed = { ...row, role, listDirty: true };
    this.#parts.ctx.storage.transactionSync(() => {
      this.#put(changed);
      this.#note(who, 'member.role', userId, { from: before, role });
      if (role === 'viewer') roleChanges.note(userId, 'viewer', this.#successor(who, userId));
      else if (row.role === 'viewer') roleChanges.forget(userId);
    });
    return { ok: true, value: toMember(changed) };
  }

  /** Takes a member off, or lets oneself leave: out of the workspace's sessions as well. */
  remove(who: Identity, userId: string): Outcome<null> {
    const { memberRows, roleChanges } = this.#parts;
    const row = memberRows.get(userId);
    if (row === undefined || row.role === null) return noSuchMember();
    const own = memberRows.roleOf(who.userId);
    if (userId !== who.userId && (own === null || !mayAssign(own, row.role, null)))
      return fail('forbidden', 'Only an owner removes an owner; ask one.');
    if (memberRows.isLastOwner(userId)) return lastOwner();
    const before = row.role;
    this.#parts.ctx.storage.transactionSync(() => {
      this.#put({ ...row, role: null, listDirty: true });
      this.#note(who, 'member.remove', userId, { role: before });
      roleChanges.note(userId, null, this.#successor(who, userId));
    });
    return { ok: true, value: null };
  }

  /**
   * Lets somebody go whose account is deleted. A last owner leaves it to whoever may most and is in it longest: the others
   * may have gone since the deletion began.
   */
  leaveForGood(who: Identity): void {
    const { memberRows, roleChanges, ctx } = this.#parts;
    const others = memberRows.active().filter(({ userId }) => userId !== who.userId);
    const heir = HEIRS.flatMap((role) => others.filter((member) => member.role === role))[0];
    if (heir !== undefined && memberRows.isLastOwner(who.userId)) {
      ctx.storage.transactionSync(() => {
        this.#put({ ...heir, role: 'owner', listDirty: true });
        roleChanges.forget(heir.userId);
        this.#note(who, 'member.role', heir.userId, { from: heir.role, role: 'owner' });
      });
    }
    this.remove(who, who.userId);
  }

  /** Makes somebody else the owner; whoever hands over stays as an admin. */
  transfer(who: Identity, userId: string): Outcome<null> {
    const { memberRows, ctx } = this.#parts;
    const [from, to] = [memberRows.get(who.userId), memberRows.get(userId)];
    if (to === undefined || to.role === null) return noSuchMember();
    if (from === undefined || userId === who.userId)
      return fail('conflict', 'You are the owner already; name another member.');
    ctx.storage.transactionSync(() => {
      this.#put({ ...to, role: 'owner', listDirty: true });
      this.#put({ ...from, role: 'admin', listDirty: true });
      this.#parts.roleChanges.forget(userId);
      this.#note(who, 'workspace.transfer', userId, {});
    });
    return { ok: true, value: null };
  }

  /** Remembers what somebody is called, as their token says. */
  seen(userId: string, displayName: string): void {
    const row = this.#parts.memberRows.get(userId);
    if (row === undefined || row.role === null || row.displayName === displayName) return;
    this.#put({ ...row, displayName });
  }

  #note(
    who: Identity,
    action: 'member.role' | 'member.remove' | 'workspace.transfer',
    userId: string,
    detail: NonNullable<Act['detail']>,
  ): void {
    note(this.#parts, who, { action, target: { kind: 'user', id: userId }, detail });
  }

  #put(row: MemberRow): void {
    const { memberRows, directory, record } = this.#parts;
    memberRows.put(row);
    const workspace = record.current;
    if (workspace === null) return;
    directory.put(membershipKind, {
      workspaceId: workspace.id,
      userId: row.userId,
      displayName: row.displayName ?? row.userId,
      role: row.role,
      createdAt: new Date(row.addedAtMs).toISOString(),
    });
  }

  /** Who takes over the sessions that would be left without an owner. */
  #successor(who: Identity, userId: string): string {
    if (who.userId !== userId) return who.userId;
    return this.#parts.memberRows.owners().find((owner) => owner.userId !== userId)?.userId ?? who.userId;
  }
}

function toMember({ userId, displayName, role, addedAtMs }: ActiveMember): WorkspaceMember {
  return { userId, displayName, role, addedAt: new Date(addedAtMs).toISOString() };
}

function noSuchMember(): Failure {
  return fail('not-found', 'Nobody of this id is in the workspace.');
}

function lastOwner(): Failure {
  return fail('conflict', 'A workspace keeps an owner; transfer it, or make somebody else an owner first.');
}
