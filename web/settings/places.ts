import type { SettingsPage } from '../app/router.ts';
import type { WorkspaceRole } from '../../protocol/messages/workspace.ts';
import type { IconName } from '../ui/Icon.tsx';

/** A page of the settings as the navigation shows it. */
export interface Place {
  page: SettingsPage;
  label: string;
  icon: IconName;
  /** Who in a workspace it is for; absent: whoever is signed in. */
  roles?: readonly WorkspaceRole[];
}

const MANAGERS: readonly WorkspaceRole[] = ['owner', 'admin'];

export const YOURS: readonly Place[] = [
  { page: 'account', label: 'Account', icon: 'person' },
  { page: 'devices', label: 'Devices', icon: 'screen' },
  { page: 'keys', label: 'API keys', icon: 'key' },
];
export const OF_THE_WORKSPACE: readonly Place[] = [
  { page: 'workspace', label: 'General', icon: 'box' },
  { page: 'usage', label: 'Usage', icon: 'chart' },
  { page: 'members', label: 'Members', icon: 'people' },
  { page: 'invitations', label: 'Invitations', icon: 'mail', roles: MANAGERS },
  { page: 'access', label: 'Access policy', icon: 'shield', roles: MANAGERS },
  { page: 'audit', label: 'Audit log', icon: 'list', roles: MANAGERS },
];

/** Places somebody with this role has; null: not known yet, then none that is for some only. */
export function placesFor(places: readonly Place[], role: WorkspaceRole | null): Place[] {
  return places.filter(({ roles }) => roles === undefined || (role !== null && roles.includes(role)));
}
