import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { type GatewayEnv } from '../context.ts';
import { inSession } from '../in-session.ts';
import { gone, json, notFound, problems, SIGNED_IN } from './responses.ts';
import { EventSchema, SessionIdParam, StateSchema } from './schemas.ts';

/** Events on one page. */
const DEFAULT_PAGE = 100;
const MAX_PAGE = 200;

const tags = ['events'];
const security = SIGNED_IN;
const params = z.object({ id: SessionIdParam });

const list = createRoute({
  method: 'get',
  path: '/api/v1/sessions/{id}/events',
  summary: 'Read the event log of a session',
  description:
    'Events after the version `since`, oldest first; without it from the oldest kept. A page may be shorter than `limit`: go on ' +
    'from the version of its last event while that is less than `version`. Applying `delta` (RFC 7396) to the state before gives ' +
    'a state with this `checksum` (SHA-256 over RFC 8785, first 128 bits, hex); where `delta` is null, or on 410, take the state. ' +
    'To be told of events as they happen, connect with a WebSocket.',
  tags,
  security,
  request: {
    params,
    query: z.object({
      since: count(15).optional(),
      limit: count(3).pipe(z.int().min(1).max(MAX_PAGE)).optional(),
    }),
  },
  responses: {
    200: json('A page.', z.object({ events: z.array(EventSchema), version: z.int() })),
    ...problems,
    ...notFound,
    ...gone,
  },
});

const state = createRoute({
  method: 'get',
  path: '/api/v1/sessions/{id}/state',
  summary: 'Get the shared state of a session',
  description: 'What all its clients have in common, at a version of the event log.',
  tags,
  security,
  request: { params },
  responses: { 200: json('The state.', StateSchema), ...problems, ...notFound },
});

/** A whole number in a query. */
function count(maxDigits: number) {
  return z
    .string()
    .regex(new RegExp(`^[0-9]{1,${maxDigits}}$`))
    .transform(Number)
    .openapi({ type: 'integer' });
}

/** The event log and the state it leads to. */
export function eventRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(list, async (c) => {
    const { id } = c.req.valid('param');
    const { since = null, limit = DEFAULT_PAGE } = c.req.valid('query');
    return c.json(await inSession(c, id, (actor, who) => actor.listEvents(who, { since, limit })), 200);
  });

  app.openapi(state, async (c) => {
    const { id } = c.req.valid('param');
    return c.json(await inSession(c, id, (actor, who) => actor.getState(who)), 200);
  });
}
