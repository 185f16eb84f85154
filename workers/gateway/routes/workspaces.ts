import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { MAX_WORKSPACES } from '../../../protocol/limits.ts';
import { Workspace } from '../../../protocol/messages/workspace.ts';
import { newTeamId } from '../../shared/ids.ts';
import { unwrap, userActor, workspaceActor } from '../actors.ts';
import { type GatewayEnv, identityOf, ProblemError } from '../context.ts';
import { once } from '../idempotency.ts';
import { conflict, json, jsonBody, notFound, problems, SIGNED_IN } from './responses.ts';
import {
  NameWorkspaceSchema,
  SetWorkspaceMemberSchema,
  TransferSchema,
  UserIdParam,
  WorkspaceIdParam,
  WorkspaceMemberSchema,
  WorkspaceSchema,
} from './schemas.ts';

const tags = ['workspaces'];
const security = SIGNED_IN;
const params = z.object({ workspaceId: WorkspaceIdParam });
const memberParams = params.extend({ userId: UserIdParam });

const list = createRoute({
  method: 'get',
  path: '/api/v1/workspaces',
  summary: 'List the workspaces you are in',
  description:
    'Your own, which is always there, and those of teams. Name one in the header `alex-workspace`.',
  tags,
  security,
  responses: { 200: json('Them.', z.object({ workspaces: z.array(WorkspaceSchema) })), ...problems },
});

const create = createRoute({
  method: 'post',
  path: '/api/v1/workspaces',
  summary: 'Make a workspace for a team',
  description: 'You are its owner. With `Idempotency-Key`, repeating the request repeats its answer.',
  tags,
  security,
  request: {
    headers: z.object({ 'idempotency-key': z.string().min(1).max(200).optional() }),
    ...jsonBody(NameWorkspaceSchema, true),
  },
  responses: { 201: json('The workspace.', WorkspaceSchema), ...problems, ...conflict },
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/workspaces/{workspaceId}',
  summary: 'Get a workspace',
  tags,
  security,
  request: { params },
  responses: { 200: json('The workspace.', WorkspaceSchema), ...problems, ...notFound },
});

const rename = createRoute({
  method: 'patch',
  path: '/api/v1/workspaces/{workspaceId}',
  summary: 'Rename a workspace',
  description: 'For owners and admins.',
  tags,
  security,
  request: { params, ...jsonBody(NameWorkspaceSchema, true) },
  responses: { 200: json('The workspace.', WorkspaceSchema), ...problems, ...notFound },
});

const members = createRoute({
  method: 'get',
  path: '/api/v1/workspaces/{workspaceId}/members',
  summary: 'List who is in a workspace',
  tags,
  security,
  request: { params },
  responses: {
    200: json('The members.', z.object({ members: z.array(WorkspaceMemberSchema) })),
    ...problems,
    ...notFound,
  },
});

const setMember = createRoute({
  method: 'put',
  path: '/api/v1/workspaces/{workspaceId}/members/{userId}',
  summary: 'Change what a member may do',
  description:
    'For owners and admins; only an owner makes or unmakes an owner. New members come by invitation. Whoever becomes a viewer ' +
    'only watches from then on, in every session of the workspace. The last owner stays one.',
  tags,
  security,
  request: { params: memberParams, ...jsonBody(SetWorkspaceMemberSchema, true) },
  responses: { 200: json('The member.', WorkspaceMemberSchema), ...problems, ...notFound, ...conflict },
});

const removeMember = createRoute({
  method: 'delete',
  path: '/api/v1/workspaces/{workspaceId}/members/{userId}',
  summary: 'Take somebody off a workspace, or leave it',
  description:
    'Ends their part in its sessions as well, at once also for who is connected. Sessions they were the only owner of become yours, ' +
    "or, when they leave, an owner's of the workspace. The last owner stays.",
  tags,
  security,
  request: { params: memberParams },
  responses: { 204: { description: 'Removed.' }, ...problems, ...notFound, ...conflict },
});

const transfer = createRoute({
  method: 'post',
  path: '/api/v1/workspaces/{workspaceId}/transfer',
  summary: 'Make another member the owner in your place',
  description: 'For owners; you stay as an admin.',
  tags,
  security,
  request: { params, ...jsonBody(TransferSchema, true) },
  responses: { 204: { description: 'Done.' }, ...problems, ...notFound, ...conflict },
});

/** Workspaces and who is in them. */
export function workspaceRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(list, async (c) => {
    const who = identityOf(c);
    const [own, rows] = await Promise.all([
      workspaceActor(c.env, who.userId).get(who),
      userActor(c.env, who).listWorkspaces(),
    ]);
    const others = rows
      .filter(({ id }) => id !== who.userId)
      .map(({ createdAtMs, ...row }) => ({ ...row, createdAt: new Date(createdAtMs).toISOString() }));
    return c.json({ workspaces: own.ok ? [own.value, ...others] : others }, 200);
  });

  app.openapi(create, async (c) => {
    const who = identityOf(c);
    const { name } = c.req.valid('json');
    const key = c.req.valid('header')['idempotency-key'];
    const user = userActor(c.env, who);
    const answer = await once(user, key, { workspace: name }, newTeamId(), async (id) => {
      if ((await user.listWorkspaces()).length >= MAX_WORKSPACES)
        throw new ProblemError(
          'limit-exceeded',
          `At most ${MAX_WORKSPACES} workspaces; leave or delete one.`,
        );
      const made = unwrap(await workspaceActor(c.env, id).create(who, { id, name }));
      return { status: 201, body: JSON.stringify(made) };
    });
    const workspace = Workspace.parse(JSON.parse(answer.body));
    c.header('location', `/api/v1/workspaces/${workspace.id}`);
    return c.json(workspace, 201);
  });

  app.openapi(get, async (c) => {
    const { workspaceId } = c.req.valid('param');
    return c.json(unwrap(await workspaceActor(c.env, workspaceId).get(identityOf(c))), 200);
  });

  app.openapi(rename, async (c) => {
    const { workspaceId } = c.req.valid('param');
    const { name } = c.req.valid('json');
    return c.json(unwrap(await workspaceActor(c.env, workspaceId).rename(identityOf(c), name)), 200);
  });

  app.openapi(members, async (c) => {
    const { workspaceId } = c.req.valid('param');
    const found = unwrap(await workspaceActor(c.env, workspaceId).listMembers(identityOf(c)));
    return c.json({ members: found }, 200);
  });

  app.openapi(setMember, async (c) => {
    const { workspaceId, userId } = c.req.valid('param');
    const { role } = c.req.valid('json');
    const actor = workspaceActor(c.env, workspaceId);
    return c.json(unwrap(await actor.setMember(identityOf(c), userId, role)), 200);
  });

  app.openapi(removeMember, async (c) => {
    const { workspaceId, userId } = c.req.valid('param');
    unwrap(await workspaceActor(c.env, workspaceId).removeMember(identityOf(c), userId));
    return c.body(null, 204);
  });

  app.openapi(transfer, async (c) => {
    const { workspaceId } = c.req.valid('param');
    unwrap(await workspaceActor(c.env, workspaceId).transfer(identityOf(c), c.req.valid('json').userId));
    return c.body(null, 204);
  });
}
