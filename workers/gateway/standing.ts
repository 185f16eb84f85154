import type { VerifiedToken } from '../shared/auth.ts';
import { isolate } from '../shared/isolate.ts';
import type { KeyGrant } from '../shared/keys-rpc.ts';
import type { WorkspaceStanding } from '../shared/policy/standing.ts';
import type { Identity } from '../shared/rpc.ts';
import { userActor } from './actors.ts';
import { BoundedCache } from './bounded-cache.ts';
import type { GatewayContext } from './context.ts';

/** Longest that this isolate goes by what it knew; a change elsewhere holds here after that. */
export const MAX_STALENESS_MS = 5_000;
const MAX_ENTRIES = 10_000;
const limits = { maxEntries: MAX_ENTRIES, maxAgeMs: MAX_STALENESS_MS };

/** What this isolate knows of who may do what. The actors hold the truth; whatever changes it here is forgotten at once. */
export const known = {
  /** By SHA-256 of the token. */
  tokens: new BoundedCache<VerifiedToken | null>(limits),
  /** Whether a device is signed in, by its id. */
  devices: new BoundedCache<'active' | 'ended'>(limits),
  /** What people are called, by user id; null: as their credential says. */
  names: new BoundedCache<string | null>(limits),
  /** By key id, SHA-256 of the key, and network. */
  keys: new BoundedCache<KeyGrant | null>(limits),
  /** By workspace and user. */
  standings: new BoundedCache<WorkspaceStanding>(limits),
};

for (const [name, { counts }] of Object.entries(known)) isolate.caches[name] = counts;

/**
 * Whether the device that a token was given to is still signed in, known at most {@link MAX_STALENESS_MS} ago. True for
 * tokens of no device. Rejects when the user's actor does not answer: then nobody gets in.
 */
export async function deviceIsActive(c: GatewayContext, who: Identity): Promise<boolean> {
  const { credential } = who;
  if (credential?.kind !== 'device') return true;
  const state = await known.devices.get(
    credential.id,
    () => userActor(c.env, who).credentialState(credential.id),
    (asking) => c.executionCtx.waitUntil(asking),
  );
  return state === 'active';
}

/**
 * Somebody under the name they have now, known at most {@link MAX_STALENESS_MS} ago: a token and a key say what it was when they were made.
 * Nobody is kept out for want of a name.
 */
export async function byOwnName(c: GatewayContext, who: Identity): Promise<Identity> {
  if (who.onlySession !== undefined) return who;
  try {
    const name = await known.names.get(
      who.userId,
      () => userActor(c.env, who).displayName(),
      (asking) => c.executionCtx.waitUntil(asking),
    );
    return name === null ? who : { ...who, displayName: name };
  } catch {
    return who;
  }
}

/** Somebody calls themselves something else. */
export function forgetName(userId: string): void {
  known.names.forget(userId);
}

/** Devices were signed out. */
export function forgetDevices(ids: readonly string[]): void {
  for (const id of ids) known.devices.forget(id);
}

/** How somebody stands in a workspace, at most {@link MAX_STALENESS_MS} old. */
export function standingOf(
  c: GatewayContext,
  workspaceId: string,
  userId: string,
): WorkspaceStanding | Promise<WorkspaceStanding> {
  const { WORKSPACES } = c.env;
  return known.standings.get(
    `${workspaceId}\n${userId}`,
    () => WORKSPACES.get(WORKSPACES.idFromName(workspaceId)).standing(userId),
    (asking) => c.executionCtx.waitUntil(asking),
  );
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
}
