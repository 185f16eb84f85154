import { lazy, Suspense, useEffect, useState } from 'react';
import { SessionView } from '../session/SessionView.tsx';
import { isSettingsKey } from '../session/shortcuts.ts';
import { Sidebar } from '../sessions/Sidebar.tsx';
import { useSessions } from '../sessions/use-sessions.ts';
import { Home } from './Home.tsx';
import { leaveSettings, navigate, type Route, SETTINGS_PATHS, useRoute } from './router.ts';
import { type SignedIn, useSignedIn } from './signed-in.ts';
import { useCurrentWorkspaceId } from './current-workspace.ts';

// Whoever opens a terminal waits for none of these.
const SignIn = lazy(() => import('./SignIn.tsx'));
const Settings = lazy(() => import('../settings/Settings.tsx'));
const HelpDialog = lazy(() => import('../settings/HelpDialog.tsx'));
const Landing = lazy(() => import('../landing/Landing.tsx'));

/** The whole page: sign-in, settings, where links lead to, or the list of sessions beside the chosen one. */
export function App() {
  const route = useRoute();
  const signedIn = useSignedIn();
  const [help, setHelp] = useState(false);
  const place = route.page;

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'F1') setHelp((open) => !open);
      else if (isSettingsKey(event)) {
        if (place === 'settings') leaveSettings();
        else navigate(SETTINGS_PATHS.account);
      } else return;
      event.preventDefault();
      event.stopPropagation();
    };
    // Before the terminal gets it.
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, [place]);

  return (
    <Suspense fallback={<p className="boot">Loading…</p>}>
      <Page route={route} signedIn={signedIn} onHelp={() => setHelp(true)} />
      <Suspense>{help && <HelpDialog onClose={() => setHelp(false)} />}</Suspense>
    </Suspense>
  );
}

function Page({ route, signedIn, onHelp }: { route: Route; signedIn: SignedIn; onHelp: () => void }) {
  const inside = signedIn === 'in';
  const workspaceId = useCurrentWorkspaceId();
  if (route.page === 'sign-in') return <SignIn token={route.token} ask={route.ask} />;
  if (route.page === 'link') return <Landing route={route} inside={inside} />;
  if (!inside) return <SignIn token={null} ended={signedIn === 'ended'} />;
  switch (route.page) {
    case 'device':
      return <Landing route={route} inside={inside} />;
    case 'settings':
      return <Settings page={route.of} onHelp={onHelp} />;
    case 'home':
    case 'session':
      return (
        <Sessions key={workspaceId} sessionId={route.page === 'session' ? route.id : null} onHelp={onHelp} />
      );
  }
}

function Sessions({ sessionId, onHelp }: { sessionId: string | null; onHelp: () => void }) {
  const sessions = useSessions();
  const [drawer, setDrawer] = useState(false);

  // Somebody with no session at all in their own workspace gets one, and with it a prompt, at once.
  const { list, create } = sessions;
  const workspaceId = useCurrentWorkspaceId();
  const first = list?.length === 0 && sessionId === null && workspaceId === null;
  useEffect(() => {
    if (first) void create();
  }, [first, create]);

  return (
    <div className="workspace" data-drawer={drawer}>
      <Sidebar
        sessions={sessions}
        currentId={sessionId}
        onChoose={(id) => {
          setDrawer(false);
          navigate(`/s/${id}`);
        }}
        onHelp={onHelp}
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
    </div>
  );
}
