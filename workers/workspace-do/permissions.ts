import type { WorkspaceRole } from '../../protocol/messages/workspace.ts';

/** Everything a member of a workspace can ask its actor for. */
export type WorkspaceAction =
  | 'get'
  | 'rename'
  | 'members.list'
  | 'members.set'
  | 'members.remove'
  | 'members.leave'
  | 'transfer'
  | 'export'
  | 'delete'
  | 'policy.get'
  | 'policy.set'
  | 'invitations.list'
  | 'invitations.create'
  | 'invitations.revoke'
  | 'usage'
  | 'sessions.create';

const EVERYONE: readonly WorkspaceRole[] = ['owner', 'admin', 'member', 'viewer'];
const MAKERS: readonly WorkspaceRole[] = ['owner', 'admin', 'member'];
const MANAGERS: readonly WorkspaceRole[] = ['owner', 'admin'];
const OWNERS: readonly WorkspaceRole[] = ['owner'];

/** Who may do what. What is not listed nobody may. */
export const WORKSPACE_PERMISSIONS: Readonly<Record<WorkspaceAction, readonly WorkspaceRole[]>> = {
  get: EVERYONE,
  rename: MANAGERS,
  'members.list': EVERYONE,
  'members.set': MANAGERS,
  'members.remove': MANAGERS,
  'members.leave': EVERYONE,
  transfer: OWNERS,
  export: OWNERS,
  delete: OWNERS,
  'policy.get': MANAGERS,
  'policy.set': MANAGERS,
  'invitations.list': MANAGERS,
  'invitations.create': MANAGERS,
  'invitations.revoke': MANAGERS,
  usage: EVERYONE,
  'sessions.create': MAKERS,
};

const RULES = new Map<string, readonly WorkspaceRole[]>(Object.entries(WORKSPACE_PERMISSIONS));

/** Whether somebody with this role (null: not in the workspace) may do this. */
export function mayInWorkspace(role: WorkspaceRole | null, action: WorkspaceAction): boolean {
  return role !== null && RULES.get(action)?.includes(role) === true;
}

/**
 * Whether somebody may give `to` to a member who has `from` (null: nobody yet), or take them off (`to` null): owners are
 * made and unmade by owners only.
 */
export function mayAssign(
  role: WorkspaceRole,
  from: WorkspaceRole | null,
  to: WorkspaceRole | null,
): boolean {
  if (!mayInWorkspace(role, to === null ? 'members.remove' : 'members.set')) return false;
  return role === 'owner' || (from !== 'owner' && to !== 'owner');
}
