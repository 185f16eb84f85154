import { Link } from '../app/Link.tsx';
import { leaveSettings, SETTINGS_PATHS, type SettingsPage } from '../app/router.ts';
import { useWorkspaces } from '../workspace/workspaces.ts';
import WorkspaceMenu from '../workspace/WorkspaceMenu.tsx';
import { Icon } from '../ui/Icon.tsx';
import { OF_THE_WORKSPACE, type Place, placesFor, YOURS } from './places.ts';
import { SettingsBar } from './SettingsBar.tsx';

/** The pages of the settings, in place of the list of sessions. */
export function SettingsNav(props: { page: SettingsPage; onChoose: () => void; onHelp: () => void }) {
  const { current } = useWorkspaces();
  return (
    <aside className="sidebar">
      <header className="sidebar-head">
        <img src="/favicon.svg" alt="" width={22} height={22} />
        <WorkspaceMenu />
      </header>
      <nav aria-label="Settings" className="settings-nav">
        <button type="button" className="nav-back" onClick={leaveSettings}>
          <Icon name="back" /> Back to the sessions <kbd>Esc</kbd>
        </button>
        <Group title="You" places={YOURS} {...props} />
        <Group title="Workspace" places={placesFor(OF_THE_WORKSPACE, current?.role ?? null)} {...props} />
      </nav>
      <SettingsBar onHelp={props.onHelp} />
    </aside>
  );
}

function Group(props: { title: string; places: readonly Place[]; page: SettingsPage; onChoose: () => void }) {
  return (
    <div className="nav-group" role="group" aria-label={props.title}>
      <p aria-hidden="true">{props.title}</p>
      <ul>
        {props.places.map(({ page, label, icon }) => (
          <li key={page}>
            <Link
              href={SETTINGS_PATHS[page]}
              aria-current={page === props.page ? 'page' : undefined}
              onClick={props.onChoose}
            >
              <Icon name={icon} /> {label}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
