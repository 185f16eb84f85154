import { IconButton } from '../ui/IconButton.tsx';
import type { Sessions } from '../sessions/use-sessions.ts';

/** What is shown while no session is chosen. */
export function Home({ sessions, onMenu }: { sessions: Sessions; onMenu: () => void }) {
  return (
    <div className="empty">
      <IconButton icon="menu" label="Show sessions" className="menu-button" onClick={onMenu} />
      <div className="card">
        <Logo />
        <h1>Pick a session, or start one</h1>
        <p>A session is a sandbox with its own files and terminals. It goes on running when you leave.</p>
        {sessions.error !== null && (
          <p className="error" role="alert">
            {sessions.error}
          </p>
        )}
        <button className="button primary" disabled={sessions.busy} onClick={() => void sessions.create()}>
          {sessions.busy ? 'Starting…' : 'New session'}
        </button>
      </div>
    </div>
  );
}

/** The mark of the product. */
export function Logo() {
  return <img className="logo" src="/favicon.svg" alt="" width={40} height={40} />;
}
