import { type AbilityTuple, createMongoAbility, type MongoAbility, type RawRuleOf } from '@casl/ability';
import type { WorkspaceRole } from '../../../protocol/messages/workspace.ts';
import type { Action, Resource } from './rules.ts';

export type RoleAbility = MongoAbility<AbilityTuple<Action | 'manage', Resource | 'all'>>;
type Rules = RawRuleOf<RoleAbility>[];

/** What whoever is signed in may do: with themselves, and with what is theirs. */
const ANYBODY: Rules = [
  { action: 'manage', subject: ['Account', 'Device', 'ApiKey'] },
  // Which session, as what: its actor says, by its members.
  { action: ['read', 'update', 'delete', 'transfer', 'leave'], subject: 'Session' },
  { action: ['read', 'create', 'update', 'delete'], subject: 'Terminal' },
  // A workspace of one's own, the list of those one is in, and what comes with an invitation.
  { action: ['create'], subject: 'Workspace' },
];

const VIEWER: Rules = [
  { action: 'read', subject: ['Workspace', 'Member', 'Usage'] },
  { action: 'leave', subject: 'Workspace' },
];
const MEMBER: Rules = [...VIEWER, { action: 'create', subject: 'Session' }];
const ADMIN: Rules = [
  ...MEMBER,
  { action: 'update', subject: 'Workspace' },
  { action: 'manage', subject: ['Member', 'Invitation', 'AccessPolicy'] },
  { action: 'read', subject: 'Audit' },
];
const OWNER: Rules = [...ADMIN, { action: ['delete', 'transfer', 'export'], subject: 'Workspace' }];

const ROLES: Readonly<Record<WorkspaceRole, Rules>> = {
  owner: OWNER,
  admin: ADMIN,
  member: MEMBER,
  viewer: VIEWER,
};
/** Operators of the deployment: nobody special in anybody's workspace or session. */
const OPERATOR: Rules = [{ action: 'manage', subject: ['Host', 'Metrics'] }];

const made = new Map<string, RoleAbility>();

/** What somebody with this role in a workspace (null: in none) may do. Made once for each of the few there are. */
export function abilityOf(role: WorkspaceRole | null, operator: boolean): RoleAbility {
  const key = `${role ?? ''}/${operator ? 'operator' : ''}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const ability = createMongoAbility<RoleAbility>([
    ...ANYBODY,
    ...(role === null ? [] : ROLES[role]),
    ...(operator ? OPERATOR : []),
  ]);
  made.set(key, ability);
  return ability;
}
