import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { TerminalInfo } from '../../../protocol/messages/session.ts';
import { type GatewayContext, type GatewayEnv } from '../context.ts';
import { inSession } from '../in-session.ts';
import { count } from '../metrics-recorder.ts';
import { conflict, json, jsonBody, notFound, problems, SIGNED_IN } from './responses.ts';
import {
  ChannelParam,
  OpenTerminalSchema,
  SessionIdParam,
  SessionIdQuery,
  TerminalSchema,
} from './schemas.ts';

const tags = ['terminals'];
const security = SIGNED_IN;
const params = z.object({ id: SessionIdParam });
const query = z.object({ session: SessionIdQuery });
const listed = json('The terminals.', z.object({ terminals: z.array(TerminalSchema) }));
const opened = json('The terminal.', TerminalSchema);
const body = jsonBody(OpenTerminalSchema, false);

const list = createRoute({
  method: 'get',
  path: '/api/v1/sessions/{id}/terminals',
  summary: 'List the terminals of a session',
  tags,
  security,
  request: { params },
  responses: { 200: listed, ...problems, ...notFound },
});

const open = createRoute({
  method: 'post',
  path: '/api/v1/sessions/{id}/terminals',
  summary: 'Open a terminal',
  description: 'The same `requestId` opens it once. Its bytes travel on the WebSocket.',
  tags,
  security,
  request: { params, ...body },
  responses: { 201: opened, ...problems, ...notFound, ...conflict },
});

const close = createRoute({
  method: 'delete',
  path: '/api/v1/sessions/{id}/terminals/{channel}',
  summary: 'Close a terminal',
  description: 'Hangs up on its processes, then kills what is left.',
  tags,
  security,
  request: { params: params.extend({ channel: ChannelParam }) },
  responses: { 200: opened, ...problems, ...notFound, ...conflict },
});

const listAlias = createRoute({
  method: 'get',
  path: '/api/v1/terminal',
  summary: 'List the terminals of a session (alias)',
  tags,
  security,
  request: { query },
  responses: { 200: listed, ...problems, ...notFound },
});

const openAlias = createRoute({
  method: 'post',
  path: '/api/v1/terminal',
  summary: 'Open a terminal (alias)',
  tags,
  security,
  request: { query, ...body },
  responses: { 201: opened, ...problems, ...notFound, ...conflict },
});

async function listTerminals(c: GatewayContext, id: string): Promise<{ terminals: TerminalInfo[] }> {
  return { terminals: await inSession(c, id, (actor, who) => actor.listTerminals(who)) };
}

async function openTerminal(
  c: GatewayContext,
  id: string,
  input: z.infer<typeof OpenTerminalSchema>,
): Promise<TerminalInfo> {
  const terminal = await inSession(c, id, (actor, who) =>
    actor.openTerminal(who, {
      size: input.size,
      ...(input.title === undefined ? {} : { title: input.title }),
      ...(input.command === undefined ? {} : { command: input.command }),
      ...(input.requestId === undefined ? {} : { requestId: input.requestId }),
    }),
  );
  count(c.env, c.executionCtx, 'alex_terminals_opened_total');
  return terminal;
}

/** Terminals of a session, by its path and by the alias with `?session=`. */
export function terminalRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(list, async (c) => c.json(await listTerminals(c, c.req.valid('param').id), 200));
  app.openapi(listAlias, async (c) => c.json(await listTerminals(c, c.req.valid('query').session), 200));
  app.openapi(open, async (c) =>
    c.json(
      await openTerminal(c, c.req.valid('param').id, OpenTerminalSchema.parse(c.req.valid('json'))),
      201,
    ),
  );
  app.openapi(openAlias, async (c) =>
    c.json(
      await openTerminal(c, c.req.valid('query').session, OpenTerminalSchema.parse(c.req.valid('json'))),
      201,
    ),
  );
  app.openapi(close, async (c) => {
    const { id, channel } = c.req.valid('param');
    return c.json(await inSession(c, id, (actor, who) => actor.closeTerminal(who, channel)), 200);
  });
}
