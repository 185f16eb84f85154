import { Fragment, type ReactNode, useEffect, useState } from 'react';
import { AccountPage } from '../account/AccountPage.tsx';
import { DevicesPage } from '../account/DevicesPage.tsx';
import { KeysPage } from '../account/KeysPage.tsx';
import { AuditPage } from '../audit/AuditPage.tsx';
import { leaveSettings, type SettingsPage } from '../app/router.ts';
import { refreshWorkspaces, useWorkspaces } from '../workspace/workspaces.ts';
import { AccessPolicyPage } from '../workspace/AccessPolicyPage.tsx';
import { InvitationsPage } from '../workspace/InvitationsPage.tsx';
import { MembersPage } from '../workspace/MembersPage.tsx';
import { UsagePage } from '../workspace/UsagePage.tsx';
import { WorkspacePage } from '../workspace/WorkspacePage.tsx';
import { IconButton } from '../ui/IconButton.tsx';
import { Loading, Problem } from '../ui/States.tsx';
import { Toaster } from '../ui/Toaster.tsx';
import type { Workspace } from '../../protocol/messages/workspace.ts';
import { SettingsNav } from './SettingsNav.tsx';
import '../styles/pages.css';

/** The pages of one's account and of the current workspace, beside their navigation. Esc goes back. */
export default function Settings({ page, onHelp }: { page: SettingsPage; onHelp: () => void }) {
  const [drawer, setDrawer] = useState(false);
  const { current, error } = useWorkspaces();

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      const { target } = event;
      if (target instanceof Element && target.closest('dialog') !== null) return;
      // What is being typed is not thrown away by one key: the first Esc leaves the field.
      if (target instanceof HTMLElement && target.matches('input, select, textarea')) target.blur();
      else if (drawer) setDrawer(false);
      else leaveSettings();
    };
    // Wherever the focus is: with nothing focused no element of ours would hear it.
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [drawer]);

  return (
    <div className="workspace" data-drawer={drawer}>
      <SettingsNav page={page} onChoose={() => setDrawer(false)} onHelp={onHelp} />
      <button className="scrim" aria-label="Close the navigation" onClick={() => setDrawer(false)} />
      <main className="stage settings">
        <IconButton
          icon="menu"
          label="Show the settings’ pages"
          className="menu-button"
          onClick={() => setDrawer(true)}
        />
        {current === null && error === null && <Loading />}
        <Problem error={current === null ? error : null} onRetry={() => void refreshWorkspaces()} />
        {current !== null && <Fragment key={current.id}>{contentOf(page, current)}</Fragment>}
      </main>
      <Toaster />
    </div>
  );
}

function contentOf(page: SettingsPage, workspace: Workspace): ReactNode {
  switch (page) {
    case 'account':
      return <AccountPage />;
    case 'devices':
      return <DevicesPage />;
    case 'keys':
      return <KeysPage workspace={workspace} />;
    case 'workspace':
      return <WorkspacePage workspace={workspace} />;
    case 'usage':
      return <UsagePage workspace={workspace} />;
    case 'members':
      return <MembersPage workspace={workspace} />;
    case 'invitations':
      return <InvitationsPage workspace={workspace} />;
    case 'access':
      return <AccessPolicyPage workspace={workspace} />;
    case 'audit':
      return <AuditPage workspace={workspace} />;
  }
}
