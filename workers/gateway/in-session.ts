import { refusedBy } from '../shared/policy/conditions.ts';
import { refusal } from '../shared/policy/decide.ts';
import type { Identity, Outcome } from '../shared/rpc.ts';
import { sessionActor, unwrap } from './actors.ts';
import { type GatewayContext, identityOf } from './context.ts';
import { circumstancesOf, enforce } from './middleware/authorize.ts';
import { standingOf } from './standing.ts';

/**
 * Calls a session's actor for the caller. The policy of the caller's current workspace has been asked before; a session
 * of another workspace, shared with somebody from outside, is under the policy of that one as well: its actor tells its
 * members, and nobody else, which one it is, and does nothing before they come with it. A stranger costs the same call
 * and gets the same answer whether there is a session or not. Throws the actor's refusal as a problem.
 */
export async function inSession<T>(
  c: GatewayContext,
  sessionId: string,
  call: (actor: ReturnType<typeof sessionActor>, who: Identity) => PromiseLike<Outcome<T>>,
): Promise<T> {
  const who = identityOf(c);
  const actor = sessionActor(c.env, sessionId);
  const outcome = await call(actor, who);
  // A key is of one workspace; to it there is no other.
  if (outcome.ok || outcome.elsewhere === undefined || who.credential?.kind === 'api-key')
    return unwrap(outcome);
  const workspaceId = outcome.elsewhere;
  const { policy } = await standingOf(c, workspaceId, who.userId);
  const against = refusedBy(policy, c.get('rule').sensitive, circumstancesOf(c));
  if (against !== null) await enforce(c, refusal(against), workspaceId);
  const { workspaceRole: _elsewhere, ...guest } = who;
  return unwrap(await call(actor, { ...guest, workspaceId }));
}
