import type { Invitation } from '../../protocol/messages/invitation.ts';
import type { Workspace, WorkspaceMember, WorkspaceRole } from '../../protocol/messages/workspace.ts';
import type { WorkspaceUsage } from '../../protocol/messages/usage.ts';
import { withDeadline } from '../shared/deadline.ts';
import { workspaceKind } from '../shared/directory/memberships.ts';
import { type DirectorySession, sessionKind } from '../shared/directory/sessions.ts';
import { type DirectorySignIn, displayNameKind, signInKind } from '../shared/directory/sign-ins.ts';
import { isTeamId } from '../shared/ids.ts';
import { fail } from '../shared/outcome.ts';
import { type AccessPolicy, OPEN_POLICY } from '../shared/policy/access-policy.ts';
import type { WorkspaceStanding } from '../shared/policy/standing.ts';
import type { Identity, Outcome } from '../shared/rpc.ts';
import type { SessionUsage } from '../shared/usage-rpc.ts';
import type { NewInvitation } from './invitations.ts';
import { note } from './note.ts';
import type { Parts } from './parts.ts';
import { mayInWorkspace, type WorkspaceAction } from './permissions.ts';
import type { WorkspaceRow } from './record.ts';

/** An answer waits at most so long for others to be told of a change; after that the alarm goes on telling them. */
const SETTLE_TIMEOUT_MS = 3_000;

/** What callers of the workspace's RPC may do and get. The caller's role is looked up in every one. */
export class WorkspaceService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  standing(userId: string): WorkspaceStanding {
    const workspace = this.#parts.record.current ?? this.#firstUse(userId);
    const role = this.#parts.memberRows.roleOf(userId);
    return { role, policy: workspace?.policy ?? OPEN_POLICY };
  }

  create(who: Identity, { id, name }: { id: string; name: string }): Outcome<Workspace> {
    const { record } = this.#parts;
    // A repeated request finds what the first one made.
    if (record.current !== null) return this.get(who);
    const made = this.#parts.ctx.storage.transactionSync(() => {
      note(this.#parts, who, { action: 'workspace.create', target: { kind: 'workspace', id } });
      return this.#create({ id, name, kind: 'team', createdAtMs: Date.now() }, who);
    });
    return { ok: true, value: made };
  }

  get(who: Identity): Outcome<Workspace> {
    const found = this.#permitted(who, 'get');
    return found.ok ? { ok: true, value: toWorkspace(found.value.workspace, found.value.role) } : found;
  }

  rename(who: Identity, name: string): Outcome<Workspace> {
    const found = this.#permitted(who, 'rename');
    if (!found.ok) return found;
    const { record, memberRows, ctx } = this.#parts;
    const changed = { ...found.value.workspace, name };
    ctx.storage.transactionSync(() => {
      record.put(changed);
      memberRows.allChanged();
      this.#parts.directory.put(workspaceKind, toDirectory(changed));
      note(this.#parts, who, { action: 'workspace.update', target: { kind: 'workspace', id: changed.id } });
    });
    return { ok: true, value: toWorkspace(changed, found.value.role) };
  }

  listMembers(who: Identity): Outcome<WorkspaceMember[]> {
    const found = this.#permitted(who, 'members.list');
    return found.ok ? { ok: true, value: this.#parts.members.list() } : found;
  }

  setMember(who: Identity, userId: string, role: WorkspaceRole): Outcome<WorkspaceMember> {
    const found = this.#permitted(who, 'members.set');
    return found.ok ? this.#parts.members.set(who, userId, role) : found;
  }

  removeMember(who: Identity, userId: string): Outcome<null> {
    const found = this.#permitted(who, userId === who.userId ? 'members.leave' : 'members.remove');
    return found.ok ? this.#parts.members.remove(who, userId) : found;
  }

  transfer(who: Identity, userId: string): Outcome<null> {
    const found = this.#permitted(who, 'transfer');
    return found.ok ? this.#parts.members.transfer(who, userId) : found;
  }

  policy(who: Identity): Outcome<AccessPolicy> {
    const found = this.#permitted(who, 'policy.get');
    return found.ok ? { ok: true, value: found.value.workspace.policy } : found;
  }

  setPolicy(who: Identity, policy: AccessPolicy): Outcome<AccessPolicy> {
    const found = this.#permitted(who, 'policy.set');
    if (!found.ok) return found;
    const { workspace } = found.value;
    this.#parts.ctx.storage.transactionSync(() => {
      this.#parts.record.put({ ...workspace, policy });
      note(this.#parts, who, { action: 'workspace.policy', target: { kind: 'workspace', id: workspace.id } });
    });
    return { ok: true, value: policy };
  }

  listInvitations(who: Identity): Outcome<Invitation[]> {
    const found = this.#permitted(who, 'invitations.list');
    return found.ok ? { ok: true, value: this.#parts.invitations.list() } : found;
  }

  createInvitation(who: Identity, input: NewInvitation): Outcome<Invitation> {
    const found = this.#permitted(who, 'invitations.create');
    return found.ok ? this.#parts.invitations.create(who, input) : found;
  }

  revokeInvitation(who: Identity, id: string): Outcome<null> {
    const found = this.#permitted(who, 'invitations.revoke');
    return found.ok ? this.#parts.invitations.revoke(who, id) : found;
  }

  /** The secret is what counts: whoever has it is no member yet. */
  acceptInvitation(who: Identity, tokenHash: string, verifiedEmails: readonly string[]): Outcome<Workspace> {
    const accepted = this.#parts.invitations.accept(who, tokenHash, verifiedEmails);
    return accepted.ok ? this.get(who) : accepted;
  }

  signedIn(row: DirectorySignIn): void {
    if (this.standing(row.userId).role === null) return;
    this.#parts.members.seen(row.userId, row.displayName);
    this.#parts.directory.put(signInKind, row);
  }

  named(userId: string, displayName: string): void {
    const { memberRows, members, directory, record } = this.#parts;
    if (memberRows.roleOf(userId) === null) return;
    members.seen(userId, displayName);
    // One's own workspace speaks for one, so that of several only one does.
    if (record.current?.id === userId) directory.put(displayNameKind, { userId, displayName });
  }

  admitSession(who: Identity, sessionId: string): Outcome<null> {
    const found = this.#permitted(who, 'sessions.create');
    if (!found.ok) return found;
    const room = this.#parts.quotas.reserveSession(who.userId, sessionId, Date.now());
    if (room.ok) this.#parts.sessionRows.add(sessionId);
    return room;
  }

  usage(who: Identity): Outcome<WorkspaceUsage> {
    const found = this.#permitted(who, 'usage');
    return found.ok ? { ok: true, value: this.#parts.quotas.usage(who.userId, Date.now()) } : found;
  }

  putSession(row: DirectorySession, used: SessionUsage): void {
    const { sessionRows, directory, deletion, quotas } = this.#parts;
    // A session that goes with the workspace is forgotten once nothing is left of it.
    if (deletion.isGoing) return;
    quotas.told(row, used, Date.now());
    if (row.deletedAt === null) sessionRows.add(row.id);
    else sessionRows.remove(row.id);
    directory.put(sessionKind, row);
  }

  /** Tells who has to know of a change, for a while; what is left is told by alarm. */
  async settle(): Promise<void> {
    const { lists, roleChanges, alarms } = this.#parts;
    await alarms.arm();
    const nowMs = Date.now();
    const units = [lists, roleChanges].filter((unit) => (unit.dueMs() ?? Infinity) <= nowMs);
    if (units.length === 0) return;
    const told = Promise.all(units.map((unit) => unit.run(nowMs)));
    await withDeadline(told, SETTLE_TIMEOUT_MS).catch(() => undefined);
  }

  /** A person's own workspace is there as soon as that person is. */
  #firstUse(userId: string): WorkspaceRow | null {
    const id = this.#parts.ctx.id.name;
    if (id !== userId || isTeamId(id)) return null;
    const row = { id, name: 'Personal', kind: 'personal' as const, createdAtMs: Date.now() };
    this.#create(row, { userId, displayName: null });
    return this.#parts.record.current;
  }

  #create(
    row: Omit<WorkspaceRow, 'policy'>,
    owner: { userId: string; displayName: string | null },
  ): Workspace {
    const { record, members, directory, ctx } = this.#parts;
    return ctx.storage.transactionSync(() => {
      const workspace = record.create(row);
      directory.put(workspaceKind, toDirectory(workspace));
      members.add(owner.userId, owner.displayName, 'owner');
      return toWorkspace(workspace, 'owner');
    });
  }

  /** Whether the caller may do this now; for what other units offer. */
  readonly check = (who: Identity, action: WorkspaceAction) => this.#permitted(who, action);

  /** Identity in, role out: the caller's role allows it. To others the workspace does not exist. */
  #permitted(
    who: Identity,
    action: WorkspaceAction,
  ): Outcome<{ workspace: WorkspaceRow; role: WorkspaceRole }> {
    const workspace = this.#parts.record.current ?? this.#firstUse(who.userId);
    const role = this.#parts.memberRows.roleOf(who.userId);
    if (workspace === null || role === null) return fail('not-found', 'There is no such workspace.');
    if (!mayInWorkspace(role, action))
      return fail('forbidden', `Not as ${role} of this workspace; ask an owner for another role.`);
    return { ok: true, value: { workspace, role } };
  }
}

/** A workspace as somebody with this role in it sees it. */
export function toWorkspace({ id, name, kind, createdAtMs }: WorkspaceRow, role: WorkspaceRole): Workspace {
  return { id, name, kind, role, createdAt: new Date(createdAtMs).toISOString() };
}

function toDirectory({ id, name, createdAtMs }: WorkspaceRow) {
  return { id, name, createdAt: new Date(createdAtMs).toISOString() };
}
