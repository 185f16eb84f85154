import { CliError, ExitCode } from './errors.ts';

/** What resolving needs of a session. */
export interface Named {
  id: string;
  name: string;
}

/** Characters of an id prefix that are enough to be meant as one. */
const MIN_PREFIX_CHARS = 4;

/**
 * Finds the session a person means: its id, its name, or a prefix of its id; in that order. Throws CliError when there
 * is none (not found) or several.
 */
export function resolveSession<T extends Named>(sessions: readonly T[], wanted: string): T {
  const exact = sessions.find((session) => session.id === wanted);
  if (exact !== undefined) return exact;
  const named = sessions.filter((session) => session.name === wanted);
  const prefixed =
    wanted.length < MIN_PREFIX_CHARS ? [] : sessions.filter((session) => session.id.startsWith(wanted));
  const candidates = named.length > 0 ? named : prefixed;
  const [first, ...others] = candidates;
  if (first === undefined) {
    throw new CliError(ExitCode.NotFound, `There is no session "${wanted}". "alex ls" shows those you have.`);
  }
  if (others.length > 0) {
    const ids = candidates.map((session) => session.id).join(', ');
    throw new CliError(ExitCode.Error, `"${wanted}" is ambiguous; use one of the ids ${ids}.`);
  }
  return first;
}

/** The session used last, of those that can be used. Throws CliError when there is none. */
export function latestSession<T extends Named & { status: string; lastAccessedAt: string }>(
  sessions: readonly T[],
): T {
  const usable = sessions.filter((session) => session.status !== 'expired');
  const [latest] = usable.toSorted((a, b) => Date.parse(b.lastAccessedAt) - Date.parse(a.lastAccessedAt));
  if (latest === undefined)
    throw new CliError(ExitCode.NotFound, 'You have no sessions. "alex new" makes one.');
  return latest;
}
