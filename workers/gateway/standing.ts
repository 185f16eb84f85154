import type { Asking } from '../shared/bounded-cache.ts';
import type { WorkspaceStanding } from '../shared/policy/standing.ts';
import type { Identity } from '../shared/rpc.ts';
import { credentialState, known, standingIn } from '../shared/standing.ts';
import { userActor } from './actors.ts';
import type { GatewayContext } from './context.ts';

/**
 * Whether the device that a token was given to is still signed in. True for tokens of no device. Rejects when the user's
 * actor does not answer: then nobody gets in.
 */
export async function deviceIsActive(c: GatewayContext, who: Identity): Promise<boolean> {
  // Whether a key is good was asked with its secret.
  if (who.credential?.kind !== 'device') return true;
  const { value } = await credentialState(c.env, who.userId, who.credential, askingBy(c));
  return value === 'active';
}

/**
 * Somebody under the name they have now: a token and a key say what it was when they were made. Nobody is kept out for
 * want of a name.
 */
export async function byOwnName(c: GatewayContext, who: Identity): Promise<Identity> {
  if (who.onlySession !== undefined) return who;
  try {
    const ask = () => userActor(c.env, who).displayName();
    const name = await known.names.get(who.userId, ask, askingBy(c));
    return name === null ? who : { ...who, displayName: name };
  } catch {
    return who;
  }
}

/** How somebody stands in a workspace. */
export async function standingOf(
  c: GatewayContext,
  workspaceId: string,
  userId: string,
): Promise<WorkspaceStanding> {
  return (await standingIn(c.env, workspaceId, userId, askingBy(c))).value;
}

const askingBy = (c: GatewayContext): Asking => ({
  keepAlive: (asking) => c.executionCtx.waitUntil(asking),
});
