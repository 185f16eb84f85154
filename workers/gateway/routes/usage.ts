import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { unwrap, workspaceActor } from '../actors.ts';
import { type GatewayEnv, identityOf } from '../context.ts';
import { json, notFound, problems, SIGNED_IN } from './responses.ts';

const UsageSchema = z
  .object({
    /** Of what is counted by month (UTC). */
    month: z.string(),
    limits: z.object({
      ...{ userSessions: z.int(), workspaceSessions: z.int() },
      ...{ storageBytes: z.number().nullable(), usdPerMonth: z.number().nullable() },
    }),
    used: z.object({
      ...{ userSessions: z.int(), workspaceSessions: z.int(), storageBytes: z.number() },
      ...{ sandboxMs: z.number(), cpuMs: z.number(), spendUsd: z.number() },
    }),
  })
  .openapi('Usage');

const read = createRoute({
  method: 'get',
  path: '/api/v1/usage',
  summary: 'What the current workspace uses of what it may',
  description:
    'Sessions that are there now, yours and all; storage as last measured; sandbox time, CPU time and spend of the month.',
  tags: ['workspaces'],
  security: SIGNED_IN,
  responses: { 200: json('It.', UsageSchema), ...problems, ...notFound },
});

/** What a workspace uses. */
export function usageRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(read, async (c) => {
    const who = identityOf(c);
    return c.json(unwrap(await workspaceActor(c.env, who.workspaceId).usage(who)), 200);
  });
}
