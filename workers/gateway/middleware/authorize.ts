import { createMiddleware } from 'hono/factory';
import { matchedRoutes } from 'hono/route';
import type { Circumstances } from '../../shared/policy/conditions.ts';
import { decide, type Decision, NO_SUCH_WORKSPACE } from '../../shared/policy/decide.ts';
import { isTeamId } from '../../shared/ids.ts';
import { recentDenials } from '../../shared/policy/recent-denials.ts';
import type { AccessRule } from '../../shared/policy/rules.ts';
import { forgetUser, forgetWorkspace } from '../../shared/standing.ts';
import { type GatewayContext, type GatewayEnv, identityOf, ProblemError } from '../context.ts';
import { recordDenial } from '../denials.ts';
import { ruleOf } from '../route-rules.ts';
import { standingOf } from '../standing.ts';
import { requireIdentity } from './identity.ts';

/** How the patterns of routes about one session begin. */
const ONE_SESSION = '/api/v1/sessions/:id';
/** Changes of these change who may do what. */
const STANDING: ReadonlySet<AccessRule['resource']> = new Set([
  'Workspace',
  'Member',
  'AccessPolicy',
  'Invitation',
  'Account',
]);

/**
 * Lets a request to its route when the route's rule allows it. A route without a rule is nobody's. Where no route is,
 * nothing is decided, but below /api one has to be signed in even to be told so.
 */
export const authorize = createMiddleware<GatewayEnv>(async (c, next) => {
  const route = matchedRoutes(c).findLast(({ method }) => method !== 'ALL');
  if (route === undefined) {
    return c.req.path.startsWith('/api/') ? requireIdentity(c, next) : next();
  }
  const rule = ruleOf(route.method, route.path);
  if (rule === undefined) throw new ProblemError('forbidden', 'Nobody may use this.');
  if (typeof rule === 'string') return next();
  return requireIdentity(c, async () => {
    const workspaceId = await admit(c, rule, route.path);
    await next();
    const changed = route.method !== 'GET' && c.res.ok && STANDING.has(rule.resource);
    if (changed && workspaceId !== null) forgetWorkspace(workspaceId);
    else if (changed) forgetUser(identityOf(c).userId);
  });
});

/** Decides, and lets the identity stand in the workspace that the request is about. Out: that workspace, if there is one. */
async function admit(c: GatewayContext, rule: AccessRule, pattern: string): Promise<string | null> {
  const who = identityOf(c);
  c.set('rule', rule);
  if (who.onlySession !== undefined) return admitGuest(c, rule, pattern, who.onlySession);
  const about = circumstancesOf(c);
  const principal = { operator: who.operator === true, scopes: who.scopes ?? null };
  if (rule.where === 'nowhere') {
    await enforce(c, decide(rule, principal, null, about), who.userId);
    return null;
  }
  const workspaceId = rule.where === 'current' ? who.workspaceId : workspaceIn(pattern, c.req.path);
  // A key is of one workspace; to it there is no other. Nobody is in another person's own.
  const elsewhere = who.credential?.kind === 'api-key' && workspaceId !== who.workspaceId;
  const possible = workspaceId !== null && (workspaceId === who.userId || isTeamId(workspaceId));
  if (elsewhere || !possible) throw new ProblemError('not-found', NO_SUCH_WORKSPACE);
  const standing = await standingOf(c, workspaceId, who.userId);
  // Who is not in it does not write into its log.
  const logOf = standing.role === null ? who.userId : workspaceId;
  await enforce(c, decide(rule, principal, standing, about), logOf);
  if (standing.role !== null) c.set('identity', { ...who, workspaceId, workspaceRole: standing.role });
  return workspaceId;
}

/**
 * A guest gets to the routes of the one session that their token names, and to nothing else; the session's actor decides
 * what they may do there, and its workspace's policy is asked on the way to it.
 */
function admitGuest(c: GatewayContext, rule: AccessRule, pattern: string, sessionId: string): null {
  const inOne =
    pattern.startsWith(ONE_SESSION) && (rule.resource === 'Session' || rule.resource === 'Terminal');
  if (!inOne)
    throw new ProblemError('forbidden', 'A guest has the one session of the link; sign in for more.');
  if (c.req.path.split('/')[ONE_SESSION.split('/').length - 1] !== sessionId)
    throw new ProblemError('not-found', 'There is no such session.');
  return null;
}

/** Throws a refusal as the problem it is, once it is in the audit log of `workspaceId`. */
export async function enforce(c: GatewayContext, decision: Decision, workspaceId: string): Promise<void> {
  if (decision.allowed) return;
  await recordDenial(c, decision, workspaceId);
  throw new ProblemError(decision.code, decision.reason);
}

/** What is known of this request besides who makes it. */
export function circumstancesOf(c: GatewayContext): Circumstances {
  const { address, authenticatedAtMs, credential, newNetwork = false, agent } = identityOf(c);
  return {
    nowMs: Date.now(),
    ...(address === undefined ? {} : { address }),
    ...(agent === undefined ? {} : { agent }),
    ...(authenticatedAtMs === undefined ? {} : { authenticatedAtMs }),
    risk: { newNetwork, recentDenials: recentDenials(credential) },
  };
}

/** The segment behind `workspaces`, if the route has one. */
function workspaceIn(pattern: string, path: string): string | null {
  const at = pattern.split('/').indexOf('workspaces') + 1;
  try {
    return at === 0 ? null : decodeURIComponent(path.split('/')[at] ?? '');
  } catch {
    return null;
  }
}
