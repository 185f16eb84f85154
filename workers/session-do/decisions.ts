import { RECONNECT_JITTER, RECONNECT_MAX_MS, RECONNECT_MIN_MS } from '../../protocol/limits.ts';
import type { HostTerminal } from '../../protocol/messages/host.ts';
import type { TerminalExit, TerminalSize } from '../../protocol/messages/session.ts';
import { REST_SETTLE_MS, TOUCH_EVERY_MS, TOUCHES_PER_IDLE_TIMEOUT } from './limits.ts';
import type { PendingStop, TerminalRow } from './schema.ts';

/** Pure decisions of a session: facts in, what to do out. */

/** Milliseconds to wait before attempt `attempt` (1 is the first retry); `random` in [0, 1). */
export function retryDelayMs(attempt: number, random: number): number {
  const base = Math.min(RECONNECT_MAX_MS, RECONNECT_MIN_MS * 2 ** Math.min(30, Math.max(0, attempt - 1)));
  return Math.round(base * (1 - RECONNECT_JITTER / 2 + RECONNECT_JITTER * random));
}

/** Whether a link to a host is worth having now. Without a reason a session sleeps. */
export function needsHost(facts: {
  pendingStop: PendingStop | null;
  starting: number;
  running: number;
  viewers: number;
  /** It gave its link back because nothing happens; whatever happens next asks for one by itself. */
  resting: boolean;
  /** Viewers wait for bytes of a terminal only the executor has. */
  bytesAwaited: boolean;
}): boolean {
  if (facts.pendingStop !== null || facts.starting > 0 || facts.bytesAwaited) return true;
  return facts.running > 0 && facts.viewers > 0 && !facts.resting;
}

/** Whether the link may be given back when the executor says that nothing happens on it. */
export function mayRest(facts: {
  linkReady: boolean;
  pendingStop: PendingStop | null;
  starting: number;
  /** Milliseconds since something was last sent to the executor, which may not know of it yet. */
  sentAgoMs: number;
  /** Every viewer has consumed everything, and waits for no screen. */
  viewersCaughtUp: boolean;
}): boolean {
  return (
    facts.linkReady &&
    facts.pendingStop === null &&
    facts.starting === 0 &&
    facts.sentAgoMs >= REST_SETTLE_MS &&
    facts.viewersCaughtUp
  );
}

/** What becomes of each terminal when a host says what it has. */
export type Reconciliation =
  | { channel: number; act: 'open' }
  | { channel: number; act: 'link'; terminal: HostTerminal; becameRunning: boolean }
  | { channel: number; act: 'exit'; exit: TerminalExit; terminal: HostTerminal }
  | { channel: number; act: 'close' }
  | { channel: number; act: 'lost' }
  | { channel: number; act: 'unsure' }
  | { channel: number; act: 'gone' }
  | { channel: number; act: 'forget' };

/**
 * Compares the session's terminals with those of the host's sandbox `incarnation`. Never asked for: open. Asked of an
 * earlier sandbox, which did not live to confirm it: a command may have run, and running it twice is for people to
 * decide; a login shell is opened again, because nobody can have typed into one that was never heard of. Known to both:
 * link, or learn its exit. Running here but unknown there: lost with its sandbox. Ended here and unknown there: its bytes
 * are gone. Ended here and running there: it was closed while nobody could be told. Unknown here: the host shall forget it.
 */
export function reconcile(rows: TerminalRow[], held: HostTerminal[], incarnation: string): Reconciliation[] {
  const there = new Map(held.map((terminal) => [terminal.channel, terminal]));
  const plan = rows.map((row): Reconciliation => {
    const { channel } = row;
    const terminal = there.get(channel);
    there.delete(channel);
    if (terminal === undefined) {
      if (row.state === 'starting') {
        // This very sandbox does not have it, so the asking never arrived.
        const { askedIncarnation, command } = row;
        const never = askedIncarnation === null || askedIncarnation === incarnation;
        return { channel, act: never || command === null ? 'open' : 'unsure' };
      }
      return { channel, act: row.state === 'running' ? 'lost' : 'gone' };
    }
    if (row.state !== 'exited' && terminal.exit !== null)
      return { channel, act: 'exit', exit: terminal.exit, terminal };
    if (row.state === 'exited' && terminal.running) return { channel, act: 'close' };
    return { channel, act: 'link', terminal, becameRunning: row.state === 'starting' };
  });
  return [...plan, ...[...there.keys()].map((channel) => ({ channel, act: 'forget' as const }))];
}

/** When an idle session is to be suspended: null while somebody watches or nothing runs. */
export function suspendAtMs(facts: {
  viewers: number;
  sandboxUp: boolean;
  lastActivityMs: number;
  idleTimeoutMs: number;
}): number | null {
  if (facts.viewers > 0 || !facts.sandboxUp) return null;
  return facts.lastActivityMs + facts.idleTimeoutMs;
}

/** How often the time of last use is written down while the session is in use. */
export function touchEveryMs(session: { idleTimeoutMs: number; ttlMs: number }): number {
  const shortestMs = Math.min(session.idleTimeoutMs, session.ttlMs);
  return Math.min(TOUCH_EVERY_MS, shortestMs / TOUCHES_PER_IDLE_TIMEOUT);
}

/** Channels of ended terminals beyond the newest `keep`, oldest first. */
export function exitedBeyond(rows: TerminalRow[], keep: number): number[] {
  const exited = rows.filter((row) => row.state === 'exited').map((row) => row.channel);
  return exited.sort((a, b) => a - b).slice(0, Math.max(0, exited.length - keep));
}

/** A window on a terminal, as far as it counts for the terminal's size. */
export interface Window {
  size: TerminalSize | null;
  visible: boolean;
  mayType: boolean;
  /** When it was last typed in, 0: never; and when its viewer came. Milliseconds since the epoch. */
  activeAtMs: number;
  sinceMs: number;
}

/** Whose window a terminal's size follows: the one last typed in, of those seen by who may type; then who came first. */
export function chooseSizer<Each extends Window>(windows: Iterable<Each>): Each | null {
  let best: Each | null = null;
  for (const window of windows) {
    if (window.size === null || !window.visible || !window.mayType) continue;
    const later = best === null || window.activeAtMs > best.activeAtMs;
    const earlierHere = window.activeAtMs === best?.activeAtMs && window.sinceMs < best.sinceMs;
    if (later || earlierHere) best = window;
  }
  return best;
}
