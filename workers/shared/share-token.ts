import { randomId, sha256 } from './ids.ts';

const PREFIX = 'alexshare_';
const SECRET_BYTES = 32;
const SESSION_ID_CHARS = 22;

/** A new share link's secret: it names its session, so that it can be redeemed by itself, and is guessable by nobody. */
export async function drawShareToken(sessionId: string): Promise<{ token: string; hash: string }> {
  const token = PREFIX + sessionId + randomId(SECRET_BYTES);
  return { token, hash: await sha256(token) };
}

/** The session that a well-formed secret is for. */
export function sessionOf(token: string): string {
  return token.slice(PREFIX.length, PREFIX.length + SESSION_ID_CHARS);
}
