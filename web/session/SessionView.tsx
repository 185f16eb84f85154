import { lazy, Suspense, useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { isDebug } from '../app/router.ts';
import type { Sessions } from '../sessions/use-sessions.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { perform } from './actions.ts';
import { ConnectionBadge } from './ConnectionBadge.tsx';
import { KeyRow } from './KeyRow.tsx';
import { Announcer, FollowBanner, PeopleButton, ViewOnly } from './People.tsx';
import { SessionStore } from './session-store.ts';
import { shortcutOf } from './shortcuts.ts';
import { SplitView } from './SplitView.tsx';
import { TabBar } from './TabBar.tsx';

// The first prompt waits for neither.
const FindBar = lazy(() => import('./FindBar.tsx'));
const PeoplePanel = lazy(() => import('./PeoplePanel.tsx'));

/** One session: its tabs and terminals, who is there, and how the connection does. */
export function SessionView(props: {
  sessionId: string;
  sessions: Pick<Sessions, 'list' | 'know'>;
  /** Absent: there is no list of sessions to show. */
  onMenu?: () => void;
}) {
  const [store] = useState(() => new SessionStore(props.sessionId));
  const state = useSyncExternalStore(store.subscribe, store.state);
  const [finding, setFinding] = useState(false);
  const [people, setPeople] = useState(false);

  useEffect(() => {
    if (isDebug()) Object.assign(window, { alexEdge: { terminals: store.terminals.views } });
    store.start();
    return () => store.dispose();
  }, [store]);

  const { know } = props.sessions;
  useEffect(
    () =>
      store.subscribe(() => {
        const { shared } = store.state();
        if (shared !== null) know(shared.session);
      }),
    [store, know],
  );

  const listed = props.sessions.list?.find(({ id }) => id === props.sessionId);
  const name = listed?.name ?? state.shared?.session.name ?? 'Session';
  useEffect(() => {
    document.title = `${name} · Alex Edge`;
    return () => {
      document.title = 'Alex Edge';
    };
  }, [name]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && store.together.following !== null) {
        event.stopPropagation();
        event.preventDefault();
        return store.together.unfollow();
      }
      const action = shortcutOf(event);
      if (action === null) return;
      event.preventDefault();
      if (action.kind === 'find') setFinding(true);
      else if (action.kind === 'people') setPeople((open) => !open);
      else perform(action, store);
    };
    // Before the terminal gets it: the Esc that ends following is not typed.
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, [store]);

  const focused = useCallback(() => store.terminals.focused, [store]);

  const tree = state.layout.tabs[state.layout.active];
  return (
    <section className="session" aria-label={name}>
      <h1 className="visually-hidden">{name}</h1>
      <header className="topbar">
        {props.onMenu !== undefined && (
          <IconButton icon="menu" label="Show sessions" className="menu-button" onClick={props.onMenu} />
        )}
        <TabBar store={store} state={state} />
        <ViewOnly state={state} />
        <PeopleButton state={state} open={people} onClick={() => setPeople(!people)} />
        <ConnectionBadge
          state={state}
          onRetry={() => store.retry()}
          roundTripMs={() => focused()?.stream?.roundTripMs ?? null}
        />
      </header>
      <FollowBanner state={state} onStop={() => store.together.unfollow()} />
      <Suspense>
        {people && (
          <PeoplePanel
            store={store}
            state={state}
            onClose={() => {
              setPeople(false);
              focused()?.focus();
            }}
          />
        )}
        {finding && (
          <FindBar
            find={(text, back) => focused()?.find(text, back) ?? Promise.resolve(false)}
            onClose={() => {
              setFinding(false);
              focused()?.focus();
            }}
          />
        )}
      </Suspense>
      <div className="panes">
        {tree === undefined ? (
          <Placeholder
            opening={state.opening > 0 || state.shared === null}
            watching={state.together.role === 'viewer'}
            onOpen={() => void store.terminals.open()}
          />
        ) : (
          <SplitView tree={tree} path={[]} store={store} state={state} />
        )}
      </div>
      <Announcer text={state.together.said} />
      {state.together.role !== 'viewer' && <KeyRow view={focused} />}
      {state.notice !== null && <Notice text={state.notice} onClose={() => store.dismissNotice()} />}
    </section>
  );
}

/** Shown where no terminal is, or none yet. */
function Placeholder(props: { opening: boolean; watching: boolean; onOpen: () => void }) {
  const { opening, watching, onOpen } = props;
  if (opening) {
    return (
      <p className="placeholder" role="status">
        <span className="spinner" aria-hidden="true" /> Opening a terminal…
      </p>
    );
  }
  return (
    <div className="placeholder">
      <p>No terminal is open here.</p>
      {watching ? (
        <p>One that somebody opens is shown here.</p>
      ) : (
        <button className="button primary" onClick={onOpen}>
          New terminal
        </button>
      )}
    </div>
  );
}

const NOTICE_MS = 8_000;

function Notice({ text, onClose }: { text: string; onClose: () => void }) {
  useEffect(() => {
    const timer = setTimeout(onClose, NOTICE_MS);
    return () => clearTimeout(timer);
  }, [text, onClose]);
  return (
    <div className="notice" role="alert">
      <span>{text}</span>
      <IconButton icon="close" label="Dismiss" onClick={onClose} />
    </div>
  );
}
