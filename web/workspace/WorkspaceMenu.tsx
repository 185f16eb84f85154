import { signOut } from '../app/account-api.ts';
import { inSettings, navigate, SETTINGS_PATHS } from '../app/router.ts';
import { chooseWorkspace } from '../app/current-workspace.ts';
import { useWorkspaces } from './workspaces.ts';
import { Menu, type MenuItem } from '../ui/Menu.tsx';

/** The current workspace; in its menu the others, and the way to the settings. */
export default function WorkspaceMenu() {
  const { list, current } = useWorkspaces();
  const name = current?.name ?? 'Alex Edge';
  const workspaces: MenuItem[] = (list ?? []).map((each, index) => ({
    ...{ key: each.id, label: each.name, checked: each.id === current?.id },
    ...(each.kind === 'personal' ? {} : { note: each.role }),
    onChoose: () => {
      if (each.id === current?.id) return;
      chooseWorkspace(index === 0 ? null : each.id);
      if (!inSettings()) navigate('/');
    },
  }));
  const items: MenuItem[] = [
    ...workspaces,
    { key: 'new', label: 'New workspace…', onChoose: () => navigate(`${SETTINGS_PATHS.workspace}#new`) },
    {
      ...{ key: 'workspace', label: 'Workspace settings', apart: true },
      onChoose: () => navigate(SETTINGS_PATHS.workspace),
    },
    { key: 'members', label: 'Members', onChoose: () => navigate(SETTINGS_PATHS.members) },
    { key: 'account', label: 'Your account', apart: true, onChoose: () => navigate(SETTINGS_PATHS.account) },
    { key: 'sign-out', label: 'Sign out', onChoose: () => void signOut() },
  ];
  return (
    <Menu label={`Workspace ${name}: switch, settings, sign out`} items={items}>
      <strong>{name}</strong>
    </Menu>
  );
}
