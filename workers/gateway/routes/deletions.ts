import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { type DeletedKind, DeletionToken } from '../../../protocol/messages/deletion.ts';
import { UserId } from '../../../protocol/messages/session.ts';
import { randomId, sha256 } from '../../shared/ids.ts';
import { unwrap, userActor, workspaceActor } from '../actors.ts';
import { type GatewayEnv, identityOf } from '../context.ts';
import { conflict, json, jsonBody, notFound, problems, SIGNED_IN } from './responses.ts';
import { DeletionProgressSchema, DeletionSchema, WorkspaceIdParam } from './schemas.ts';

const tags = ['deletion'];
const security = SIGNED_IN;
const TOKEN_BYTES = 32;
const ConfirmSchema = z.object({ confirm: z.string().min(1).max(200) }).openapi('Confirm');
const begun = json('It has begun; ask how far it is with its token.', DeletionSchema);

const workspace = createRoute({
  method: 'delete',
  path: '/api/v1/workspaces/{workspaceId}',
  summary: 'Delete a workspace and everything in it',
  description:
    'For owners, with its name as `confirm`; export it first. Everybody is out at once. Its sessions go with their sandboxes and ' +
    'files, then everything else of it; the audit log stays in the directory and names things by their ids.',
  tags,
  security,
  request: { params: z.object({ workspaceId: WorkspaceIdParam }), ...jsonBody(ConfirmSchema, true) },
  responses: { 202: begun, ...problems, ...notFound, ...conflict },
});

const account = createRoute({
  method: 'delete',
  path: '/api/v1/account',
  summary: 'Delete your account and everything of yours',
  description:
    'With your user id as `confirm`; export it first. Your devices are signed out at once. Workspaces nobody else is in go with ' +
    'it; where others are and you are the only owner, transfer or delete the workspace first. Signing in later makes a new account.',
  tags,
  security,
  request: jsonBody(ConfirmSchema, true),
  responses: { 202: begun, ...problems, ...conflict },
});

const status = createRoute({
  method: 'post',
  path: '/api/v1/deletions/status',
  summary: 'Ask how far a deletion is',
  description:
    'With what the deletion answered; nobody has to be signed in. `done` as well for what was never begun.',
  tags,
  request: jsonBody(
    z
      .object({ of: z.enum(['account', 'workspace']), id: UserId, token: DeletionToken })
      .openapi('DeletionStatus'),
    true,
  ),
  responses: { 200: json('How far it is.', DeletionProgressSchema), ...problems },
});

/** Deletion of workspaces and accounts. */
export function deletionRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(workspace, async (c) => {
    const { workspaceId: id } = c.req.valid('param');
    const { confirm } = c.req.valid('json');
    const { token, hash } = await drawToken();
    const actor = workspaceActor(c.env, id);
    const { startedAtMs } = unwrap(await actor.beginDeletion(identityOf(c), confirm, hash));
    return c.json(answer('workspace', id, token, startedAtMs), 202);
  });

  app.openapi(account, async (c) => {
    const who = identityOf(c);
    const { token, hash } = await drawToken();
    const { confirm } = c.req.valid('json');
    const { startedAtMs } = unwrap(await userActor(c.env, who).beginDeletion(who, confirm, hash));
    return c.json(answer('account', who.userId, token, startedAtMs), 202);
  });

  app.openapi(status, async (c) => {
    const { of, id, token } = c.req.valid('json');
    const hash = await sha256(token);
    const actor =
      of === 'workspace' ? workspaceActor(c.env, id) : c.env.USERS.get(c.env.USERS.idFromName(id));
    return c.json(await actor.deletionProgress(hash), 200);
  });
}

async function drawToken(): Promise<{ token: string; hash: string }> {
  const token = randomId(TOKEN_BYTES);
  return { token, hash: await sha256(token) };
}

function answer(of: DeletedKind, id: string, token: string, startedAtMs: number) {
  return { of, id, token, startedAt: new Date(startedAtMs).toISOString() };
}
