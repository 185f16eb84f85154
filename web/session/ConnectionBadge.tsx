import { useEffect, useState, useSyncExternalStore } from 'react';
import { connectionDetails, connectionText } from './connection-text.ts';
import type { SessionState } from './session-store.ts';

/** How the connection does, in words; with a way to try at once while it is lost. */
export function ConnectionBadge({
  state,
  onRetry,
  roundTripMs,
}: {
  state: SessionState;
  onRetry: () => void;
  /** Asked when a person looks closer. */
  roundTripMs: () => number | null;
}) {
  const [tripMs, setTripMs] = useState<number | null>(null);
  const { connection, shared, resumed } = state;
  const online = useSyncExternalStore(subscribeOnline, () => navigator.onLine);
  const retryInMs = connection.kind === 'waiting' ? connection.retryInMs : 0;
  const attempt = connection.kind === 'waiting' ? connection.attempt : 0;
  return (
    <Countdown key={attempt} fromMs={retryInMs}>
      {(retryInS) => {
        const host = shared?.host ?? null;
        const status = shared?.session.status ?? null;
        const input = { connection, host, status, online, retryInS, resumed };
        const { tone, text, canRetry } = connectionText(input);
        return (
          <span
            className="connection"
            data-testid="connection-state"
            data-tone={tone}
            role="status"
            title={connectionDetails(text, tripMs)}
            onPointerEnter={() => setTripMs(roundTripMs())}
          >
            <span className="dot" aria-hidden="true" />
            <span className="connection-text">{text}</span>
            {canRetry && (
              <button className="button small" onClick={onRetry}>
                Retry now
              </button>
            )}
          </span>
        );
      }}
    </Countdown>
  );
}

/** Counts whole seconds down to 0. */
function Countdown({ fromMs, children }: { fromMs: number; children: (seconds: number) => React.ReactNode }) {
  const [seconds, setSeconds] = useState(Math.ceil(fromMs / 1000));
  useEffect(() => {
    if (fromMs === 0) return;
    const timer = setInterval(() => setSeconds((left) => Math.max(0, left - 1)), 1000);
    return () => clearInterval(timer);
  }, [fromMs]);
  return children(seconds);
}

function subscribeOnline(changed: () => void): () => void {
  window.addEventListener('online', changed);
  window.addEventListener('offline', changed);
  return () => {
    window.removeEventListener('online', changed);
    window.removeEventListener('offline', changed);
  };
}
