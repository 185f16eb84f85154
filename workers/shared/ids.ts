/** Random bytes of a session id: 128 bits, 22 url-safe characters. */
const SESSION_ID_BYTES = 16;

/** Url-safe base64 without padding. */
export function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** An unguessable url-safe id of `byteCount` random bytes. */
export function randomId(byteCount: number): string {
  return base64Url(crypto.getRandomValues(new Uint8Array(byteCount)));
}

/** A new session id. It never begins with a dash, which a command line would take for an option. */
export function newSessionId(): string {
  for (;;) {
    const id = randomId(SESSION_ID_BYTES);
    if (!id.startsWith('-')) return id;
  }
}

/** How the ids of teams' workspaces begin; no user's id does, so that no team is taken for a person. */
const TEAM_PREFIX = 'w_';
/** Characters of such an id after its beginning. */
export const TEAM_ID_CHARS = 22;

/** A new id for a team's workspace. */
export function newTeamId(): string {
  return teamIdOf(randomId(16));
}

/** The id of a team's workspace, by its random part. */
export function teamIdOf(random: string): string {
  return TEAM_PREFIX + random;
}

/** Whether a workspace of this id is a team's rather than a person's own. */
export function isTeamId(workspaceId: string): boolean {
  return workspaceId.startsWith(TEAM_PREFIX);
}

/** How the ids of guests begin: people with a share link who are not signed in. */
const GUEST_PREFIX = 'guest_';

export function newGuestId(): string {
  return GUEST_PREFIX + randomId(16);
}

/** Whether somebody is a guest: no account, no list, no workspace of their own. */
export function isGuestId(userId: string): boolean {
  return userId.startsWith(GUEST_PREFIX);
}

/** Url-safe SHA-256 of a text. */
export async function sha256(text: string): Promise<string> {
  return base64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))));
}
