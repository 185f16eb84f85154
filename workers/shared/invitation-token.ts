import { randomId, sha256, teamIdOf, TEAM_ID_CHARS } from './ids.ts';

const PREFIX = 'alexinv_';
const SECRET_BYTES = 32;

/** A new invitation's secret: it names its workspace, so that it can be accepted by itself, and is guessable by nobody. */
export async function drawInvitationToken(workspaceId: string): Promise<{ token: string; hash: string }> {
  const token = PREFIX + workspaceId.slice(-TEAM_ID_CHARS) + randomId(SECRET_BYTES);
  return { token, hash: await sha256(token) };
}

/** Which workspace a well-formed secret is for, and its hash. */
export async function readInvitationToken(token: string): Promise<{ workspaceId: string; hash: string }> {
  const workspaceId = teamIdOf(token.slice(PREFIX.length, PREFIX.length + TEAM_ID_CHARS));
  return { workspaceId, hash: await sha256(token) };
}
