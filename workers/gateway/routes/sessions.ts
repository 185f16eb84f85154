import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { SessionInfo } from '../../../protocol/messages/session.ts';
import { newSessionId } from '../../shared/ids.ts';
import { sessionActor, unwrap, userActor, workspaceActor } from '../actors.ts';
import { type GatewayEnv, identityOf } from '../context.ts';
import { once } from '../idempotency.ts';
import { inSession } from '../in-session.ts';
import { count } from '../metrics-recorder.ts';
import { conflict, json, jsonBody, notFound, problems, SIGNED_IN } from './responses.ts';
import {
  CreateSessionSchema,
  RenameSessionSchema,
  SessionIdParam,
  SessionSchema,
  SessionSummarySchema,
} from './schemas.ts';

/** Sessions on one page of the list. */
const DEFAULT_PAGE = 50;
const MAX_PAGE = 200;

const tags = ['sessions'];
const security = SIGNED_IN;
const params = z.object({ id: SessionIdParam });

const create = createRoute({
  method: 'post',
  path: '/api/v1/sessions',
  summary: 'Create a session',
  description: 'With `Idempotency-Key`, repeating the request within 24 hours repeats its answer.',
  tags,
  security,
  request: {
    headers: z.object({ 'idempotency-key': z.string().min(1).max(200).optional() }),
    ...jsonBody(CreateSessionSchema, false),
  },
  responses: {
    201: {
      ...json('The session.', SessionSchema),
      headers: z.object({ location: z.string() }),
    },
    ...problems,
    ...conflict,
  },
});

const list = createRoute({
  method: 'get',
  path: '/api/v1/sessions',
  summary: 'List your sessions of a workspace, newest first',
  description: 'Sessions shared with you from workspaces you are not in are listed in your own.',
  tags,
  security,
  request: {
    query: z.object({
      limit: z
        .string()
        .regex(/^[0-9]{1,3}$/)
        .transform(Number)
        .pipe(z.int().min(1).max(MAX_PAGE))
        .optional()
        .openapi({ type: 'integer', default: DEFAULT_PAGE }),
      cursor: z.string().min(1).max(200).optional(),
    }),
  },
  responses: {
    200: json(
      'A page.',
      z.object({ sessions: z.array(SessionSummarySchema), nextCursor: z.string().nullable() }),
    ),
    ...problems,
  },
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/sessions/{id}',
  summary: 'Get a session',
  tags,
  security,
  request: { params },
  responses: { 200: json('The session.', SessionSchema), ...problems, ...notFound },
});

const rename = createRoute({
  method: 'patch',
  path: '/api/v1/sessions/{id}',
  summary: 'Rename a session',
  tags,
  security,
  request: { params, ...jsonBody(RenameSessionSchema, true) },
  responses: { 200: json('The session.', SessionSchema), ...problems, ...notFound },
});

const remove = createRoute({
  method: 'delete',
  path: '/api/v1/sessions/{id}',
  summary: 'Delete a session',
  description: 'Ends its terminals, its sandbox and its workspace.',
  tags,
  security,
  request: { params },
  responses: { 204: { description: 'Deleted.' }, ...problems, ...notFound },
});

/** The session collection and its members. */
export function sessionRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(create, async (c) => {
    const who = identityOf(c);
    const input = c.req.valid('json');
    const key = c.req.valid('header')['idempotency-key'];
    const answer = await once(userActor(c.env, who), key, input, newSessionId(), async (id, again) => {
      const actor = sessionActor(c.env, id);
      // The actor of a request that died half-way may have the session already.
      const before = again ? await actor.get(who) : null;
      if (before?.ok === true) return { status: 201, body: JSON.stringify(before.value) };
      unwrap(await workspaceActor(c.env, who.workspaceId).admitSession(who, id));
      const session = unwrap(
        await actor.create(who, {
          id,
          name: input.name ?? 'Untitled',
          region: c.env.DEFAULT_REGION,
          ...(input.ttlMs === undefined ? {} : { ttlMs: input.ttlMs }),
          ...(input.idleTimeoutMs === undefined ? {} : { idleTimeoutMs: input.idleTimeoutMs }),
        }),
      );
      count(c.env, c.executionCtx, 'alex_sessions_created_total');
      return { status: 201, body: JSON.stringify(session) };
    });
    const session = SessionInfo.parse(JSON.parse(answer.body));
    c.header('location', `/api/v1/sessions/${session.id}`);
    return c.json(session, 201);
  });

  app.openapi(list, async (c) => {
    const { cursor, limit = DEFAULT_PAGE } = c.req.valid('query');
    const who = identityOf(c);
    const input = { workspaceId: who.workspaceId, limit, ...(cursor === undefined ? {} : { cursor }) };
    const page = unwrap(await userActor(c.env, who).listSessions(input));
    const sessions = page.sessions.map(({ listedIn: _listedIn, ...session }) => session);
    return c.json({ sessions, nextCursor: page.nextCursor }, 200);
  });

  app.openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    return c.json(await inSession(c, id, (actor, who) => actor.get(who)), 200);
  });

  app.openapi(rename, async (c) => {
    const { id } = c.req.valid('param');
    const { name } = c.req.valid('json');
    return c.json(await inSession(c, id, (actor, who) => actor.rename(who, name)), 200);
  });

  app.openapi(remove, async (c) => {
    const { id } = c.req.valid('param');
    await inSession(c, id, (actor, who) => actor.destroy(who));
    count(c.env, c.executionCtx, 'alex_sessions_deleted_total');
    return c.body(null, 204);
  });
}
