import type { VerifiedToken } from './auth.ts';
import { type Answer, type Asking, BoundedCache } from './bounded-cache.ts';
import type { Env } from './env.ts';
import { isolate } from './isolate.ts';
import type { KeyGrant, KeyState } from './keys-rpc.ts';
import type { WorkspaceStanding } from './policy/standing.ts';
import type { Credential } from './rpc.ts';

/** Longest that anybody goes by what was known; a change elsewhere holds here after that. */
export const MAX_STALENESS_MS = 5_000;
const MAX_ENTRIES = 10_000;
const limits = { maxEntries: MAX_ENTRIES, maxAgeMs: MAX_STALENESS_MS };

/**
 * What this isolate knows of who may do what, for the gateway's requests and the sessions' sockets alike. The actors hold
 * the truth; whatever changes it here is forgotten at once.
 */
export const known = {
  /** By SHA-256 of the token. */
  tokens: new BoundedCache<VerifiedToken | null>(limits),
  /** Whether a device is signed in, by its id. */
  devices: new BoundedCache<'active' | 'ended'>(limits),
  /** What people are called, by user id; null: as their credential says. */
  names: new BoundedCache<string | null>(limits),
  /** By key id, SHA-256 of the key, and network. */
  keys: new BoundedCache<KeyGrant | null>(limits),
  /** Whether a key is still good, by its id. */
  keyStates: new BoundedCache<KeyState>(limits),
  /** By workspace and user. */
  standings: new BoundedCache<WorkspaceStanding>(limits),
};

for (const [name, { counts }] of Object.entries(known)) isolate.caches[name] = counts;

/**
 * Whether what somebody proved with who they are is still good, known at most {@link MAX_STALENESS_MS} ago: a device that
 * is signed in, a key that is neither revoked nor over. What is of no device and no key is. Rejects when the actor that
 * knows does not answer.
 */
export function credentialState(
  env: Pick<Env, 'USERS' | 'KEYS'>,
  userId: string,
  credential: Credential | null,
  asking: Asking = {},
): Answer<'active' | 'ended'> | Promise<Answer<'active' | 'ended'>> {
  const { USERS, KEYS } = env;
  if (credential?.kind === 'device') {
    const { id } = credential;
    const ask = () => USERS.get(USERS.idFromName(userId)).credentialState(id);
    return known.devices.answer(id, ask, asking);
  }
  if (credential?.kind === 'api-key') {
    const { id } = credential;
    const answer = known.keyStates.answer(id, () => KEYS.get(KEYS.idFromName(id)).state(), asking);
    return answer instanceof Promise ? answer.then(ofKey) : ofKey(answer);
  }
  return { value: 'active', askedAtMs: Date.now() };
}

/** How somebody stands in a workspace, at most {@link MAX_STALENESS_MS} old. Rejects when its actor does not answer. */
export function standingIn(
  env: Pick<Env, 'WORKSPACES'>,
  workspaceId: string,
  userId: string,
  asking: Asking = {},
): Answer<WorkspaceStanding> | Promise<Answer<WorkspaceStanding>> {
  const { WORKSPACES } = env;
  const ask = () => WORKSPACES.get(WORKSPACES.idFromName(workspaceId)).standing(userId);
  return known.standings.answer(`${workspaceId}\n${userId}`, ask, asking);
}

/** Somebody calls themselves something else. */
export function forgetName(userId: string): void {
  known.names.forget(userId);
}

/** Devices were signed out. */
export function forgetDevices(ids: readonly string[]): void {
  for (const id of ids) known.devices.forget(id);
}

/** Somebody changed who is what in a workspace, or its policy: what was known of it is asked for anew. */
export function forgetWorkspace(workspaceId: string): void {
  known.standings.forgetWhere((key) => key.startsWith(`${workspaceId}\n`));
}

/** Somebody changed in which workspaces they are. */
export function forgetUser(userId: string): void {
  known.standings.forgetWhere((key) => key.endsWith(`\n${userId}`));
}

/** A key was revoked. */
export function forgetKey(keyId: string): void {
  known.keys.forgetWhere((key) => key.startsWith(`${keyId}\n`));
  known.keyStates.forget(keyId);
}

/** To the millisecond: when a key ends by itself is known before. */
function ofKey({ value: { revoked, expiresAtMs }, askedAtMs }: Answer<KeyState>): Answer<'active' | 'ended'> {
  const ended = revoked || (expiresAtMs ?? Infinity) <= Date.now();
  return { value: ended ? 'ended' : 'active', askedAtMs };
}
