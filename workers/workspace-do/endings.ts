import type { DeletionProgress } from '../../protocol/messages/deletion.ts';
import type { Workspace, WorkspaceRole } from '../../protocol/messages/workspace.ts';
import type { Identity, Outcome, WorkspaceExport } from '../shared/rpc.ts';
import { note } from './note.ts';
import type { Parts } from './parts.ts';
import type { WorkspaceAction } from './permissions.ts';
import type { WorkspaceRow } from './record.ts';

/** Whether a caller may do something now. */
type Check = (
  who: Identity,
  action: WorkspaceAction,
) => Outcome<{ workspace: WorkspaceRow; role: WorkspaceRole }>;

/** What callers may do and get about taking a workspace along, and about its end and that of its members' accounts. */
export class Endings {
  readonly #parts: Parts;
  readonly #check: Check;

  constructor(parts: Parts, check: Check) {
    this.#parts = parts;
    this.#check = check;
  }

  /** Notes that somebody exports: it is in the log before anything goes out. */
  beginExport(who: Identity): Outcome<null> {
    const found = this.#check(who, 'export');
    if (!found.ok) return found;
    const { id, kind } = found.value.workspace;
    const action = kind === 'personal' ? 'user.export' : 'workspace.export';
    note(this.#parts, who, { action, target: { kind: 'workspace', id } });
    return { ok: true, value: null };
  }

  exportRecord(
    who: Identity,
    toWorkspace: (row: WorkspaceRow, role: WorkspaceRole) => Workspace,
  ): Outcome<WorkspaceExport> {
    const found = this.#check(who, 'export');
    if (!found.ok) return found;
    const { workspace, role } = found.value;
    const { members, invitations } = this.#parts;
    return {
      ok: true,
      value: {
        workspace: toWorkspace(workspace, role),
        policy: workspace.policy,
        members: members.list(),
        invitations: invitations.list(),
      },
    };
  }

  sessionIds(who: Identity, after: string, limit: number): Outcome<string[]> {
    const found = this.#check(who, 'export');
    return found.ok ? { ok: true, value: this.#parts.sessionRows.page(after, limit) } : found;
  }

  beginDeletion(who: Identity, confirm: string, tokenHash: string): Outcome<{ startedAtMs: number }> {
    const found = this.#check(who, 'delete');
    return found.ok ? this.#parts.deletion.begin(who, confirm, tokenHash) : found;
  }

  deletionProgress(tokenHash: string): DeletionProgress {
    return this.#parts.deletion.progress(tokenHash);
  }

  // For the account of a member that is being deleted.

  partOf(userId: string): { isLastOwner: boolean; others: number } {
    const { memberRows } = this.#parts;
    const others = memberRows.active().filter((member) => member.userId !== userId).length;
    return { isLastOwner: memberRows.isLastOwner(userId), others };
  }

  anOwner(): string | null {
    return this.#parts.memberRows.owners()[0]?.userId ?? null;
  }

  leave(who: Identity): 'left' | 'leaving' | 'alone' {
    const { memberRows, members } = this.#parts;
    if (memberRows.roleOf(who.userId) === null) return this.leaving(who.userId);
    if (this.partOf(who.userId).others === 0) return 'alone';
    members.leaveForGood(who);
    return 'leaving';
  }

  /** Whether somebody who left is still to be taken out of a session; what else named them here does not from now on. */
  leaving(userId: string): 'left' | 'leaving' {
    const { roleChanges, quotas, invitationRows } = this.#parts;
    quotas.forget(userId);
    invitationRows.forget(userId);
    return roleChanges.isWaiting(userId) ? 'leaving' : 'left';
  }
}
