import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import {
  MAX_SHARE_LINK_TTL_MS,
  MAX_SHARE_LINK_USES,
  MIN_SHARE_LINK_TTL_MS,
  SHARE_LINK_TTL_MS,
  SHARE_LINK_USES,
} from '../../../protocol/limits.ts';
import { GuestName, SharedRole, ShareToken } from '../../../protocol/messages/share-link.ts';
import { issueGuestToken } from '../../shared/guest-token.ts';
import type { Identity } from '../../shared/rpc.ts';
import { drawShareToken, sessionOf } from '../../shared/share-token.ts';
import { sessionActor, unwrap } from '../actors.ts';
import { type GatewayEnv, ProblemError } from '../context.ts';
import { inSession } from '../in-session.ts';
import { conflict, json, jsonBody, notFound, problems, SIGNED_IN } from './responses.ts';
import {
  CreatedShareLinkSchema,
  RedeemedShareLinkSchema,
  SessionIdParam,
  ShareLinkSchema,
  TransferSchema,
} from './schemas.ts';

const tags = ['share links'];
const security = SIGNED_IN;
const params = z.object({ id: SessionIdParam });
/** What a guest is called who does not say. */
const GUEST = 'Guest';

const CreateSchema = z
  .object({
    role: SharedRole.default('viewer'),
    signedInOnly: z.boolean().default(false),
    lifetimeMs: z.int().min(MIN_SHARE_LINK_TTL_MS).max(MAX_SHARE_LINK_TTL_MS).default(SHARE_LINK_TTL_MS),
    maxUses: z.int().min(1).max(MAX_SHARE_LINK_USES).default(SHARE_LINK_USES),
  })
  .openapi('CreateShareLink');

const create = createRoute({
  method: 'post',
  path: '/api/v1/sessions/{id}/share-links',
  summary: 'Make a link to a session',
  description:
    'For owners. Whoever has the link may watch (`viewer`) or type (`editor`), without an account unless `signedInOnly`. The answer ' +
    'has it, this once.',
  tags,
  security,
  request: { params, ...jsonBody(CreateSchema, true) },
  responses: { 201: json('The link.', CreatedShareLinkSchema), ...problems, ...notFound, ...conflict },
});

const list = createRoute({
  method: 'get',
  path: '/api/v1/sessions/{id}/share-links',
  summary: 'List the links to a session',
  description: 'For owners.',
  tags,
  security,
  request: { params },
  responses: {
    200: json('Them.', z.object({ shareLinks: z.array(ShareLinkSchema) })),
    ...problems,
    ...notFound,
  },
});

const revoke = createRoute({
  method: 'delete',
  path: '/api/v1/sessions/{id}/share-links/{linkId}',
  summary: 'Revoke a link',
  description: 'For owners. Whoever came by it is out, at once also who is connected.',
  tags,
  security,
  request: { params: params.extend({ linkId: z.string().regex(/^[A-Za-z0-9_-]{12}$/) }) },
  responses: { 204: { description: 'Revoked.' }, ...problems, ...notFound },
});

const redeem = createRoute({
  method: 'post',
  path: '/api/v1/share-links/redeem',
  summary: 'Use a link',
  description:
    'Signed in, you become a member of the session, until the link ends. Otherwise you get a token of an hour for this session ' +
    'alone; send it along to stay the same guest when you use the link again. The link carries its token in the fragment, and this ' +
    'call in the body, so that it is in no log.',
  tags,
  request: jsonBody(
    z.object({ token: ShareToken, name: GuestName.optional() }).openapi('RedeemShareLink'),
    true,
  ),
  responses: { 200: json('What it gave.', RedeemedShareLinkSchema), ...problems, ...notFound, ...conflict },
});

const transfer = createRoute({
  method: 'post',
  path: '/api/v1/sessions/{id}/transfer',
  summary: 'Make somebody else the owner in your place',
  description: 'For owners, to a member of the workspace; you stay as an editor.',
  tags: ['members'],
  security,
  request: { params, ...jsonBody(TransferSchema, true) },
  responses: { 204: { description: 'Done.' }, ...problems, ...notFound, ...conflict },
});

/** Links to sessions, and handing a session over. */
export function shareLinkRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(create, async (c) => {
    const { id } = c.req.valid('param');
    const { token, hash } = await drawShareToken(id);
    const input = { ...c.req.valid('json'), tokenHash: hash };
    const made = await inSession(c, id, (actor, who) => actor.createShareLink(who, input));
    return c.json({ ...made, token, url: new URL(`/share#${token}`, c.req.url).href }, 201);
  });

  app.openapi(list, async (c) => {
    const { id } = c.req.valid('param');
    return c.json({ shareLinks: await inSession(c, id, (actor, who) => actor.listShareLinks(who)) }, 200);
  });

  app.openapi(revoke, async (c) => {
    const { id, linkId } = c.req.valid('param');
    await inSession(c, id, (actor, who) => actor.revokeShareLink(who, linkId));
    return c.body(null, 204);
  });

  app.openapi(redeem, async (c) => {
    const { token, name } = c.req.valid('json');
    const sessionId = sessionOf(token);
    const who = c.get('identity');
    if (who?.credential?.kind === 'api-key')
      throw new ProblemError('forbidden', 'An API key cannot do this; sign in.');
    const actor = sessionActor(c.env, sessionId);
    if (who !== null && who.onlySession === undefined) {
      const { role } = unwrap(await actor.redeemShareLink(token, { who }));
      return c.json({ sessionId, role, guest: null }, 200);
    }
    const displayName = name ?? who?.displayName ?? GUEST;
    const bearer = { displayName, guestId: guestIn(who, sessionId) };
    const { role, guest } = unwrap(await actor.redeemShareLink(token, bearer));
    if (guest === null) throw new Error('a guest without an id');
    const issued = await issueGuestToken(c.env, { ...guest, displayName, sessionId });
    return c.json(
      {
        ...{ sessionId, role },
        guest: {
          ...{ userId: guest.userId, displayName },
          ...{ accessToken: issued.token, expiresAt: issued.expiresAt },
        },
      },
      200,
    );
  });

  app.openapi(transfer, async (c) => {
    const { id } = c.req.valid('param');
    const { userId } = c.req.valid('json');
    await inSession(c, id, (actor, who) => actor.transfer(who, userId));
    return c.body(null, 204);
  });
}

/** Who the caller is in this session already, as a guest. */
function guestIn(who: Identity | null, sessionId: string): string | null {
  return who?.onlySession === sessionId ? who.userId : null;
}
