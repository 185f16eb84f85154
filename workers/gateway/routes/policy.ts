import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { refusedBy } from '../../shared/policy/conditions.ts';
import { unwrap, workspaceActor } from '../actors.ts';
import { type GatewayEnv, identityOf, ProblemError } from '../context.ts';
import { circumstancesOf } from '../middleware/authorize.ts';
import { conflict, json, jsonBody, notFound, problems, SIGNED_IN } from './responses.ts';
import { AccessPolicySchema, WorkspaceIdParam } from './schemas.ts';

const tags = ['workspaces'];
const security = SIGNED_IN;
const path = '/api/v1/workspaces/{workspaceId}/policy';
const params = z.object({ workspaceId: WorkspaceIdParam });

const get = createRoute({
  method: 'get',
  path,
  summary: 'Get what a workspace asks of requests besides a role',
  description: 'For owners and admins.',
  tags,
  security,
  request: { params },
  responses: { 200: json('The policy.', AccessPolicySchema), ...problems, ...notFound },
});

const set = createRoute({
  method: 'put',
  path,
  summary: 'Set what a workspace asks of requests besides a role',
  description:
    'For owners and admins; what is absent is open. Holds within 5 seconds everywhere. One that would refuse this very request is ' +
    'not taken, so that nobody locks themselves out.',
  tags,
  security,
  request: { params, ...jsonBody(AccessPolicySchema, true) },
  responses: { 200: json('The policy.', AccessPolicySchema), ...problems, ...notFound, ...conflict },
});

/** The access policies of workspaces. */
export function policyRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(get, async (c) => {
    const { workspaceId } = c.req.valid('param');
    return c.json(unwrap(await workspaceActor(c.env, workspaceId).policy(identityOf(c))), 200);
  });

  app.openapi(set, async (c) => {
    const { workspaceId } = c.req.valid('param');
    const policy = c.req.valid('json');
    if (refusedBy(policy, true, circumstancesOf(c)) !== null)
      throw new ProblemError('conflict', 'This policy would keep you out yourself, as you ask now.');
    return c.json(unwrap(await workspaceActor(c.env, workspaceId).setPolicy(identityOf(c), policy)), 200);
  });
}
