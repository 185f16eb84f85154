import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { ticketRole } from '../../shared/policy/ticket-role.ts';
import { type GatewayEnv, identityOf, ProblemError } from '../context.ts';
import { inSession } from '../in-session.ts';
import { json, jsonBody, notFound, problems, SIGNED_IN } from './responses.ts';
import { CreateTicketSchema, SessionIdParam } from './schemas.ts';

const mint = createRoute({
  method: 'post',
  path: '/api/v1/sessions/{id}/tickets',
  summary: 'Get a ticket for the WebSocket',
  description:
    'Good once, for 30 seconds. Connect to `url` with the subprotocols `alex.v1` and `alex.ticket.<ticket>`. With `role` the ' +
    'bearer may do no more than that role, which cannot be more than your own: `viewer` only watches.',
  tags: ['tickets'],
  security: SIGNED_IN,
  request: { params: z.object({ id: SessionIdParam }), ...jsonBody(CreateTicketSchema, false) },
  responses: {
    201: json(
      'The ticket.',
      z.object({ ticket: z.string(), expiresAt: z.iso.datetime(), url: z.string() }).openapi('Ticket'),
    ),
    ...problems,
    ...notFound,
  },
});

/** Tickets that open a session's WebSocket. */
export function ticketRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(mint, async (c) => {
    const { id } = c.req.valid('param');
    const asked = CreateTicketSchema.parse(c.req.valid('json')).role;
    const role = ticketRole(identityOf(c).scopes, asked);
    if (role === null)
      throw new ProblemError('forbidden', 'This API key lacks the scope terminals:write; ask for viewer.');
    const { ticket, expiresAt } = await inSession(c, id, (actor, who) => actor.mintTicket(who, role));
    const url = new URL(`/ws/v1/sessions/${id}`, c.req.url);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    return c.json({ ticket, expiresAt, url: url.href }, 201);
  });
}
