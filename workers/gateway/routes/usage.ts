import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { Usage } from '../../../protocol/messages/usage.ts';
import { unwrap, userActor, workspaceActor } from '../actors.ts';
import { type GatewayEnv, identityOf } from '../context.ts';
import { json, notFound, problems, SIGNED_IN } from './responses.ts';

const UsageSchema = Usage.clone().openapi('Usage');

const read = createRoute({
  method: 'get',
  path: '/api/v1/usage',
  summary: 'What the current workspace uses of what it may',
  description:
    'Sessions that are there now; storage as last measured; sandbox time, CPU time and spend of the month: of all, and yours (`own`). ' +
    '`sockets`: your connections to sessions, in all workspaces; a place counts until its session is not used any more, or it is needed.',
  tags: ['workspaces'],
  security: SIGNED_IN,
  responses: { 200: json('It.', UsageSchema), ...problems, ...notFound },
});

/** What a workspace uses. */
export function usageRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(read, async (c) => {
    const who = identityOf(c);
    const [usage, sockets] = await Promise.all([
      workspaceActor(c.env, who.workspaceId).usage(who),
      userActor(c.env, who).socketPlaces(),
    ]);
    return c.json({ ...unwrap(usage), sockets }, 200);
  });
}
