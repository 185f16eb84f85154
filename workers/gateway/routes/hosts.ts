import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { HostId, Region } from '../../shared/host-auth.ts';
import { regionActor, unwrap } from '../actors.ts';
import { type GatewayEnv, identityOf, requireOperator } from '../context.ts';
import { json, notFound, problems, SIGNED_IN } from './responses.ts';

const tags = ['hosts'];
const query = z.object({ region: Region.optional() });

const HostSchema = z
  .object({
    hostId: HostId,
    region: Region,
    state: z.enum(['healthy', 'unhealthy', 'draining', 'lost']),
    sessions: z.int(),
    capacity: z.int(),
    cpuLoad: z.number(),
    lastSeenAt: z.iso.datetime(),
  })
  .openapi('Host');

const list = createRoute({
  method: 'get',
  path: '/api/v1/hosts',
  summary: 'List the sandbox hosts of a region',
  tags,
  security: SIGNED_IN,
  request: { query },
  responses: { 200: json('The hosts.', z.object({ hosts: z.array(HostSchema) })), ...problems },
});

const drain = createRoute({
  method: 'post',
  path: '/api/v1/hosts/{hostId}/drain',
  summary: 'Give a host no more sessions',
  description: 'What runs there goes on. A restarted host takes sessions again.',
  tags,
  security: SIGNED_IN,
  request: { params: z.object({ hostId: HostId }), query },
  responses: { 204: { description: 'Draining.' }, ...problems, ...notFound },
});

/** Hosts, for operators; the local user is one. */
export function hostRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(list, async (c) => {
    requireOperator(c);
    const region = c.req.valid('query').region ?? c.env.DEFAULT_REGION;
    return c.json({ hosts: await regionActor(c.env, region).hosts() }, 200);
  });

  app.openapi(drain, async (c) => {
    requireOperator(c);
    const region = c.req.valid('query').region ?? c.env.DEFAULT_REGION;
    unwrap(await regionActor(c.env, region).drain(identityOf(c), c.req.valid('param').hostId));
    return c.body(null, 204);
  });
}
