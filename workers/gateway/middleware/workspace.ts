import { createMiddleware } from 'hono/factory';
import { isTeamId } from '../../shared/ids.ts';
import { workspaceActor } from '../actors.ts';
import { type GatewayEnv, identityOf, ProblemError } from '../context.ts';

/** Names the workspace a request is about; without it the token's is. */
export const WORKSPACE_HEADER = 'alex-workspace';

/**
 * Finds out how the caller stands in the current workspace. One that does not exist and one the caller is not in
 * answer alike.
 */
export const currentWorkspace = createMiddleware<GatewayEnv>(async (c, next) => {
  const who = identityOf(c);
  const workspaceId = c.req.header(WORKSPACE_HEADER) ?? who.workspaceId;
  // Nobody is in another person's own workspace; an actor is woken only for what may be one.
  const possible = workspaceId === who.userId || isTeamId(workspaceId);
  const standing = possible ? await workspaceActor(c.env, workspaceId).standing(who.userId) : null;
  if (standing === null || standing.role === null)
    throw new ProblemError('not-found', 'There is no such workspace; GET /api/v1/workspaces lists yours.');
  c.set('identity', { ...who, workspaceId, workspaceRole: standing.role });
  await next();
});
