import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { type GatewayEnv } from '../context.ts';
import { inSession } from '../in-session.ts';
import { conflict, json, jsonBody, notFound, problems, SIGNED_IN } from './responses.ts';
import { MemberSchema, ParticipantSchema, SessionIdParam, SetMemberSchema, UserIdParam } from './schemas.ts';

const tags = ['members'];
const security = SIGNED_IN;
const params = z.object({ id: SessionIdParam });
const memberParams = params.extend({ userId: UserIdParam });

const list = createRoute({
  method: 'get',
  path: '/api/v1/sessions/{id}/members',
  summary: 'List whom a session is shared with',
  tags,
  security,
  request: { params },
  responses: {
    200: json('The members.', z.object({ members: z.array(MemberSchema) })),
    ...problems,
    ...notFound,
  },
});

const present = createRoute({
  method: 'get',
  path: '/api/v1/sessions/{id}/participants',
  summary: 'List who is connected to a session now',
  description: 'Each device once: a person with two has two entries with one `userId`.',
  tags,
  security,
  request: { params },
  responses: {
    200: json('Who is here.', z.object({ participants: z.array(ParticipantSchema) })),
    ...problems,
    ...notFound,
  },
});

const set = createRoute({
  method: 'put',
  path: '/api/v1/sessions/{id}/members/{userId}',
  summary: 'Share a session, or change a role',
  description:
    'For owners. `editor` types, opens and closes terminals; `viewer` only watches; `owner` shares and deletes as well. ' +
    'Holds at once, also for who is connected. The last owner stays one.',
  tags,
  security,
  request: { params: memberParams, ...jsonBody(SetMemberSchema, true) },
  responses: { 200: json('The member.', MemberSchema), ...problems, ...notFound, ...conflict },
});

const remove = createRoute({
  method: 'delete',
  path: '/api/v1/sessions/{id}/members/{userId}',
  summary: 'Stop sharing a session with somebody, or leave it',
  description: 'For owners; everybody may remove themselves. Ends their connections. The last owner stays.',
  tags,
  security,
  request: { params: memberParams },
  responses: { 204: { description: 'Removed.' }, ...problems, ...notFound, ...conflict },
});

/** Whom a session is shared with, and who is there. */
export function memberRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(list, async (c) => {
    const { id } = c.req.valid('param');
    return c.json({ members: await inSession(c, id, (actor, who) => actor.listMembers(who)) }, 200);
  });

  app.openapi(present, async (c) => {
    const { id } = c.req.valid('param');
    const participants = await inSession(c, id, (actor, who) => actor.listParticipants(who));
    return c.json({ participants }, 200);
  });

  app.openapi(set, async (c) => {
    const { id, userId } = c.req.valid('param');
    const { role } = c.req.valid('json');
    return c.json(await inSession(c, id, (actor, who) => actor.setMember(who, userId, role)), 200);
  });

  app.openapi(remove, async (c) => {
    const { id, userId } = c.req.valid('param');
    await inSession(c, id, (actor, who) => actor.removeMember(who, userId));
    return c.body(null, 204);
  });
}
