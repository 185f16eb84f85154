import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import {
  INVITATION_TTL_MS,
  MAX_INVITATION_TTL_MS,
  MAX_INVITATION_USES,
  MIN_INVITATION_TTL_MS,
} from '../../../protocol/limits.ts';
import { Email, InvitationToken, InvitedRole } from '../../../protocol/messages/invitation.ts';
import { drawInvitationToken, readInvitationToken } from '../../shared/invitation-token.ts';
import { unwrap, userActor, workspaceActor } from '../actors.ts';
import { type GatewayEnv, identityOf } from '../context.ts';
import { conflict, json, jsonBody, notFound, problems, SIGNED_IN } from './responses.ts';
import { CreatedInvitationSchema, InvitationSchema, WorkspaceIdParam, WorkspaceSchema } from './schemas.ts';

const tags = ['invitations'];
const security = SIGNED_IN;
const params = z.object({ workspaceId: WorkspaceIdParam });

const CreateSchema = z
  .object({
    /** Only who signs in with this address may come. Absent: whoever has the link. */
    email: Email.optional(),
    role: InvitedRole.default('member'),
    lifetimeMs: z.int().min(MIN_INVITATION_TTL_MS).max(MAX_INVITATION_TTL_MS).default(INVITATION_TTL_MS),
    maxUses: z.int().min(1).max(MAX_INVITATION_USES).default(1),
  })
  .refine(({ email, maxUses }) => email === undefined || maxUses === 1, {
    path: ['maxUses'],
    message: 'an invitation for one address is good once',
  })
  .openapi('CreateInvitation');

const create = createRoute({
  method: 'post',
  path: '/api/v1/workspaces/{workspaceId}/invitations',
  summary: 'Invite somebody into a workspace',
  description:
    'For owners and admins. The answer has the link, this once; nothing is sent by mail, so pass it on yourself. With `email` it is ' +
    'good only for who signs in with that address, as verified by where they sign in; without, for whoever has it, `maxUses` times.',
  tags,
  security,
  request: { params, ...jsonBody(CreateSchema, true) },
  responses: { 201: json('The invitation.', CreatedInvitationSchema), ...problems, ...notFound, ...conflict },
});

const list = createRoute({
  method: 'get',
  path: '/api/v1/workspaces/{workspaceId}/invitations',
  summary: 'List the invitations into a workspace',
  description: 'For owners and admins. Those that ended are listed for 30 days more.',
  tags,
  security,
  request: { params },
  responses: {
    200: json('Them.', z.object({ invitations: z.array(InvitationSchema) })),
    ...problems,
    ...notFound,
  },
});

const revoke = createRoute({
  method: 'delete',
  path: '/api/v1/workspaces/{workspaceId}/invitations/{invitationId}',
  summary: 'Revoke an invitation',
  description: 'For owners and admins. Who came by it already stays.',
  tags,
  security,
  request: { params: params.extend({ invitationId: z.string().regex(/^[A-Za-z0-9_-]{12}$/) }) },
  responses: { 204: { description: 'Revoked.' }, ...problems, ...notFound },
});

const accept = createRoute({
  method: 'post',
  path: '/api/v1/invitations/accept',
  summary: 'Accept an invitation',
  description: 'The token is in the body, and in the fragment of its link, so that it is in no log.',
  tags,
  security,
  request: jsonBody(z.object({ token: InvitationToken }).openapi('AcceptInvitation'), true),
  responses: { 200: json('The workspace.', WorkspaceSchema), ...problems, ...notFound, ...conflict },
});

/** Invitations into workspaces. */
export function invitationRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(create, async (c) => {
    const { workspaceId } = c.req.valid('param');
    const { email, ...input } = c.req.valid('json');
    const { token, hash } = await drawInvitationToken(workspaceId);
    const wanted = { ...input, email: email ?? null, tokenHash: hash };
    const made = unwrap(await workspaceActor(c.env, workspaceId).createInvitation(identityOf(c), wanted));
    return c.json({ ...made, token, url: new URL(`/invitation#${token}`, c.req.url).href }, 201);
  });

  app.openapi(list, async (c) => {
    const { workspaceId } = c.req.valid('param');
    const found = unwrap(await workspaceActor(c.env, workspaceId).listInvitations(identityOf(c)));
    return c.json({ invitations: found }, 200);
  });

  app.openapi(revoke, async (c) => {
    const { workspaceId, invitationId } = c.req.valid('param');
    unwrap(await workspaceActor(c.env, workspaceId).revokeInvitation(identityOf(c), invitationId));
    return c.body(null, 204);
  });

  app.openapi(accept, async (c) => {
    const who = identityOf(c);
    const [{ workspaceId, hash }, emails] = await Promise.all([
      readInvitationToken(c.req.valid('json').token),
      userActor(c.env, who).verifiedEmails(),
    ]);
    return c.json(unwrap(await workspaceActor(c.env, workspaceId).acceptInvitation(who, hash, emails)), 200);
  });
}
