import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { unwrap, workspaceActor } from '../actors.ts';
import { type GatewayEnv, identityOf } from '../context.ts';
import { circumstancesOf } from '../middleware/authorize.ts';
import { refusedBy } from '../../shared/policy/conditions.ts';
import { standingIn } from '../../shared/standing.ts';
import { accountLines, workspaceLines } from '../export-lines.ts';
import { jsonLines, type Line } from '../json-lines.ts';
import { notFound, problems, SIGNED_IN } from './responses.ts';
import { WorkspaceIdParam } from './schemas.ts';

const tags = ['deletion'];
const security = SIGNED_IN;
const JSON_LINES = 'application/x-ndjson; charset=utf-8';
const answer = { description: 'JSON lines; the last is `{"type":"end","lines":…}`.' };

const workspace = createRoute({
  method: 'get',
  path: '/api/v1/workspaces/{workspaceId}/export',
  summary: 'Export everything held of a workspace',
  description:
    'For owners: the workspace, its members and invitations, and its sessions with whom they are shared with and every event kept. ' +
    'No secret is in it, nor what terminals showed, which is not kept; the audit log has an export of its own.',
  tags,
  security,
  request: { params: z.object({ workspaceId: WorkspaceIdParam }) },
  responses: { 200: answer, ...problems, ...notFound },
});

const account = createRoute({
  method: 'get',
  path: '/api/v1/account/export',
  summary: 'Export everything held of you',
  description:
    'You, how you sign in and on what, your workspaces, and your sessions with whom they are shared with and every event kept; those ' +
    'that the policy of their workspace does not give to this request are named as withheld. No secret is in it.',
  tags,
  security,
  responses: { 200: answer, ...problems },
});

/** Exports of workspaces and accounts. */
export function exportRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(workspace, async (c) => {
    const { workspaceId } = c.req.valid('param');
    const who = identityOf(c);
    // That it was exported is known before anything goes out.
    unwrap(await workspaceActor(c.env, workspaceId).beginExport(who));
    const lines = withHead('workspace', workspaceId, workspaceLines(c.env, who, workspaceId));
    return c.body(jsonLines(lines), 200, headersOf('workspace'));
  });

  app.openapi(account, async (c) => {
    const who = identityOf(c);
    unwrap(await workspaceActor(c.env, who.userId).beginExport(who));
    const about = circumstancesOf(c);
    const against = async (workspaceId: string): Promise<string | null> => {
      const { value } = await standingIn(c.env, workspaceId, who.userId);
      return refusedBy(value.policy, true, about);
    };
    const lines = withHead('account', who.userId, accountLines(c.env, who, against));
    return c.body(jsonLines(lines), 200, headersOf('account'));
  });
}

const headersOf = (of: string) => ({
  'content-type': JSON_LINES,
  'content-disposition': `attachment; filename="alex-${of}.jsonl"`,
  'cache-control': 'no-store',
});

async function* withHead(of: string, id: string, body: AsyncGenerator<Line>): AsyncGenerator<Line> {
  yield { type: 'export', version: 1, of, id, at: new Date().toISOString() };
  yield* body;
}
