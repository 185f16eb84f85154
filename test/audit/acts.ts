import type { Random } from '../chaos/random.ts';

/** What the test asks the edge for, and which entry of the audit log the answer promises. */
export interface Act {
  method: string;
  path: string;
  body?: unknown;
  /** `action outcome` of the entry. */
  entry: string;
  /** The session it is about; null: it makes one. */
  session: string | null;
}

/** Sessions there are at least, and at most, while acts go on. */
const MIN_SESSIONS = 3;
const MAX_SESSIONS = 6;

/** Something to do, to one of the sessions known to be there. */
export function nextAct(random: Random, sessions: readonly string[]): Act {
  if (sessions.length < MIN_SESSIONS || (sessions.length < MAX_SESSIONS && random.chance(0.1))) {
    return {
      method: 'POST',
      path: '/api/v1/sessions',
      body: {},
      entry: 'session.create allowed',
      session: null,
    };
  }
  const session = random.pick(sessions);
  const path = `/api/v1/sessions/${session}`;
  if (sessions.length > MIN_SESSIONS && random.chance(0.1))
    return { method: 'DELETE', path, entry: 'session.delete intended', session };
  const kind = random.pick(['rename', 'share', 'ticket', 'open'] as const);
  if (kind === 'rename') {
    const body = { name: `name ${random.int(0, 99)}` };
    return { method: 'PATCH', path, body, entry: 'session.rename allowed', session };
  }
  if (kind === 'open')
    return { method: 'POST', path: `${path}/terminals`, body: {}, entry: 'terminal.open allowed', session };
  const body = { role: 'viewer' };
  if (kind === 'ticket')
    return { method: 'POST', path: `${path}/tickets`, body, entry: 'session.ticket allowed', session };
  // Said again of the same person it would change nothing, and so be no act: each is new to the session.
  const member = `${path}/members/person-${random.int(0, 1e9)}`;
  return { method: 'PUT', path: member, body, entry: 'session.share allowed', session };
}
