import { useEffect, useState } from 'react';
import { SessionView } from '../session/SessionView.tsx';
import { beGuest, type Guest, leaveGuest } from './guest.ts';

/** What a guest's page knows of other sessions: nothing. */
const NO_SESSIONS = { list: null, know: (): void => undefined };

/** The one session a guest has, below a line that says so. */
export function GuestView({ guest }: { guest: Guest }) {
  const [ready, setReady] = useState(false);
  useEffect(() => {
    const stop = beGuest(guest);
    const timer = setTimeout(() => setReady(true));
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [guest]);
  return (
    <div className="guest-page">
      <div className="guest-bar" role="region" aria-label="Guest">
        <span>
          You are <strong>{guest.displayName}</strong>, a guest of this one session.
        </span>
        <button type="button" className="button small" onClick={leaveGuest}>
          Leave
        </button>
      </div>
      <main className="stage">
        {ready && <SessionView sessionId={guest.sessionId} sessions={NO_SESSIONS} />}
      </main>
    </div>
  );
}
