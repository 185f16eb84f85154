import { useEffect, useState } from 'react';
import { HelpDialog } from '../settings/HelpDialog.tsx';
import { SessionView } from '../session/SessionView.tsx';
import { Sidebar } from '../sessions/Sidebar.tsx';
import { useSessions } from '../sessions/use-sessions.ts';
import { Home } from './Home.tsx';
import { navigate, useRoute } from './router.ts';
import { SignedOut, SignIn } from './SignIn.tsx';

/** The whole page: sign-in, or the list of sessions beside the chosen one. */
export function App() {
  const route = useRoute();
  if (route.page === 'sign-in') return <SignIn token={route.token} />;
  return <Workspace sessionId={route.page === 'session' ? route.id : null} />;
}

function Workspace({ sessionId }: { sessionId: string | null }) {
  const sessions = useSessions();
  const [drawer, setDrawer] = useState(false);
  const [help, setHelp] = useState(false);

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'F1') return;
      event.preventDefault();
      setHelp((open) => !open);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);

  // Somebody with no session at all gets one, and with it a prompt, at once.
  const { list, create } = sessions;
  const first = list?.length === 0 && sessionId === null;
  useEffect(() => {
    if (first) void create();
  }, [first, create]);

  if (sessions.signedOut) return <SignedOut />;
  return (
    <div className="workspace" data-drawer={drawer}>
      <Sidebar
        sessions={sessions}
        currentId={sessionId}
        onChoose={(id) => {
          setDrawer(false);
          navigate(`/s/${id}`);
        }}
        onHelp={() => setHelp(true)}
      />
      <button className="scrim" aria-label="Close the list of sessions" onClick={() => setDrawer(false)} />
      <main className="stage">
        {sessionId === null ? (
          <Home sessions={sessions} onMenu={() => setDrawer(true)} />
        ) : (
          <SessionView
            key={sessionId}
            sessionId={sessionId}
            sessions={sessions}
            onMenu={() => setDrawer(true)}
          />
        )}
      </main>
      {help && <HelpDialog onClose={() => setHelp(false)} />}
    </div>
  );
}
