import type { WorkspaceMember, WorkspaceRole } from '../../protocol/messages/workspace.ts';

/** What a role in a workspace is good for, in words. */
export const ROLE_WORDS: Readonly<Record<WorkspaceRole, string>> = {
  owner: 'everything, and transfers or deletes the workspace',
  admin: 'manages members, invitations and policy; reads the audit log',
  member: 'makes sessions and shares them',
  viewer: 'watches what is shared with them',
};

/** Whether a role manages a workspace. */
export function manages(role: WorkspaceRole): boolean {
  return role === 'owner' || role === 'admin';
}

/** Roles that somebody may give a member; none: may not change this one. Only owners make and unmake owners. */
export function assignable(own: WorkspaceRole, member: WorkspaceRole): WorkspaceRole[] {
  if (own === 'owner') return ['owner', 'admin', 'member', 'viewer'];
  if (own === 'admin' && member !== 'owner') return ['admin', 'member', 'viewer'];
  return [];
}

/** Oneself first, then by role, then by name. */
export function sortMembers(members: readonly WorkspaceMember[], selfId: string | null): WorkspaceMember[] {
  const ranks: readonly WorkspaceRole[] = ['owner', 'admin', 'member', 'viewer'];
  const rank = ({ userId, role }: WorkspaceMember): number => (userId === selfId ? -1 : ranks.indexOf(role));
  return members.toSorted((a, b) => rank(a) - rank(b) || nameOf(a).localeCompare(nameOf(b)));
}

/** What somebody is called; before they have been here, their id. */
export function nameOf({ userId, displayName }: { userId: string; displayName: string | null }): string {
  return displayName ?? userId;
}
