import { lazy, Suspense, useState } from 'react';
import type { SessionSummary } from '../../client/index.ts';
import { navigate } from '../app/router.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { SettingsBar } from '../settings/SettingsBar.tsx';
import { ago } from './session-name.ts';
import type { Sessions } from './use-sessions.ts';

// The list of sessions is there before it.
const WorkspaceMenu = lazy(() => import('../workspace/WorkspaceMenu.tsx'));

/** What a session's dot means, in words. */
const STATUS: Record<SessionSummary['status'], string> = {
  idle: 'no sandbox yet',
  starting: 'starting',
  running: 'running',
  suspended: 'suspended',
  expired: 'expired',
};

/** The list of sessions: choose, create, rename, delete. */
export function Sidebar(props: {
  sessions: Sessions;
  currentId: string | null;
  onChoose: (id: string) => void;
  onHelp: () => void;
}) {
  const { sessions, currentId } = props;
  return (
    <aside className="sidebar">
      <header className="sidebar-head">
        <img src="/favicon.svg" alt="" width={22} height={22} />
        <Suspense fallback={<strong>Alex Edge</strong>}>
          <WorkspaceMenu />
        </Suspense>
        <IconButton
          icon="plus"
          label="New session"
          data-testid="new-session"
          disabled={sessions.busy}
          onClick={() => void sessions.create()}
        />
      </header>
      <nav aria-label="Sessions" className="session-list">
        {sessions.list === null && sessions.error === null && <p className="hint">Loading…</p>}
        {sessions.list?.length === 0 && <p className="hint">No sessions yet.</p>}
        <ul>
          {sessions.list?.map((session) => (
            <SessionRow key={session.id} session={session} current={session.id === currentId} {...props} />
          ))}
        </ul>
      </nav>
      {sessions.error !== null && (
        <p className="error sidebar-error" role="alert">
          {sessions.error}
        </p>
      )}
      <SettingsBar onHelp={props.onHelp} />
    </aside>
  );
}

function SessionRow(props: {
  session: SessionSummary;
  current: boolean;
  sessions: Sessions;
  onChoose: (id: string) => void;
}) {
  const { session, current, sessions } = props;
  const [editing, setEditing] = useState(false);

  const remove = async (): Promise<void> => {
    if (!confirm(`Delete “${session.name}” with its files and terminals? This cannot be undone.`)) return;
    await sessions.remove(session.id);
    if (current) navigate('/');
  };

  if (editing) {
    return (
      <li className="session-row">
        <RenameField
          name={session.name}
          onDone={(name) => {
            setEditing(false);
            if (name !== null) void sessions.rename(session.id, name);
          }}
        />
      </li>
    );
  }
  return (
    <li className="session-row" data-current={current}>
      <button
        className="session-name"
        aria-current={current ? 'page' : undefined}
        onClick={() => props.onChoose(session.id)}
      >
        <span className="dot" data-status={session.status} title={STATUS[session.status]} />
        <span className="name">{session.name}</span>
        <span className="visually-hidden">, {STATUS[session.status]}</span>
        <time dateTime={session.lastAccessedAt}>{ago(session.lastAccessedAt, sessions.readAtMs)}</time>
      </button>
      <span className="row-actions">
        <IconButton icon="pencil" label={`Rename ${session.name}`} onClick={() => setEditing(true)} />
        <IconButton icon="close" label={`Delete ${session.name}`} onClick={() => void remove()} />
      </span>
    </li>
  );
}

function RenameField({ name, onDone }: { name: string; onDone: (name: string | null) => void }) {
  const [text, setText] = useState(name);
  const finish = (): void => onDone(text.trim() === '' || text.trim() === name ? null : text.trim());
  return (
    <input
      className="rename"
      aria-label="Name of the session"
      autoFocus
      maxLength={100}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={finish}
      onKeyDown={(event) => {
        if (event.key === 'Enter') finish();
        if (event.key === 'Escape') onDone(null);
      }}
    />
  );
}
