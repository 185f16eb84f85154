import type { ConnectionState } from '../../client/index.ts';
import type { HostLink, SessionStatus } from '../../protocol/messages/session.ts';

/** What the badge says: a word or a few, how serious, and whether trying again now makes sense. */
export interface ConnectionText {
  tone: 'good' | 'busy' | 'bad';
  text: string;
  canRetry: boolean;
}

/** Puts the state of the connection, the sandbox and the session into words for a person. */
export function connectionText(input: {
  connection: ConnectionState;
  host: HostLink | null;
  status: SessionStatus | null;
  online: boolean;
  /** Seconds until the next try, when waiting. */
  retryInS: number;
  /** A connection that was lost came back a moment ago. */
  resumed: boolean;
}): ConnectionText {
  const { connection, host, status, online, retryInS, resumed } = input;
  const busy = (text: string, canRetry = false): ConnectionText => ({ tone: 'busy', text, canRetry });
  if (connection.kind === 'ended') return { tone: 'bad', text: connection.reason, canRetry: false };
  if (connection.kind !== 'connected') {
    if (!online)
      return busy('You are offline. What you type is kept; reconnecting when the network is back.', true);
    if (connection.kind === 'waiting') {
      return busy(retryInS > 0 ? `Reconnecting in ${retryInS} s` : 'Reconnecting…', true);
    }
    return busy(connection.attempt > 0 ? 'Reconnecting…' : 'Connecting…');
  }
  if (host?.state === 'placing') return busy(host.message ?? 'Starting the sandbox…');
  if (host?.state === 'lost')
    return busy(host.message ?? 'The sandbox cannot be reached; reconnecting to it…');
  if (status === 'suspended')
    return { tone: 'busy', text: 'Suspended. A new terminal wakes it.', canRetry: false };
  return { tone: 'good', text: resumed ? 'Resumed' : 'Connected', canRetry: false };
}

/** What the badge says to somebody who looks closer: with the round trip of keys, where it is known. */
export function connectionDetails(text: string, roundTripMs: number | null): string {
  if (roundTripMs === null) return text;
  return `${text}. A key takes ${roundTripMs < 10 ? roundTripMs.toFixed(1) : roundTripMs.toFixed(0)} ms to the shell and back.`;
}
