import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { MAX_TOKEN_CHARS, signSignInToken, verifySignInToken } from '../../shared/auth.ts';
import { draftOf } from '../../shared/audit/draft.ts';
import { randomId } from '../../shared/ids.ts';
import { workspaceActor } from '../actors.ts';
import { type GatewayEnv, identityOf, ProblemError } from '../context.ts';
import { deviceLabel, MAX_LABEL_CHARS, oneLine } from '../device-label.ts';
import { grantTokens, receiver, SignedInSchema, signInDevice, UserSchema } from '../sign-in.ts';
import { json, jsonBody, problems, SIGNED_IN } from './responses.ts';

const tags = ['auth'];

const signIn = createRoute({
  method: 'post',
  path: '/api/v1/auth/sign-in',
  summary: 'Spend the token of a sign-in link',
  description:
    'A browser gets the tokens as cookies; a program, which sends no Origin, gets them in the answer. `label` is what the ' +
    'device is called in the list of devices.',
  tags,
  request: jsonBody(
    z.object({
      token: z.string().min(1).max(MAX_TOKEN_CHARS),
      label: z.string().max(MAX_LABEL_CHARS).optional(),
    }),
    true,
  ),
  responses: { 200: json('Signed in.', SignedInSchema), ...problems },
});

const me = createRoute({
  method: 'get',
  path: '/api/v1/auth/me',
  summary: 'Who you are',
  tags,
  security: SIGNED_IN,
  responses: {
    200: json(
      'You, and the device that asks (null: the token is not one of a device).',
      z.object({ user: UserSchema, deviceId: z.string().nullable() }),
    ),
    ...problems,
  },
});

const signInLinks = createRoute({
  method: 'post',
  path: '/api/v1/auth/sign-in-links',
  summary: 'Make a sign-in link for another device of yours',
  description: 'Good once, for 24 hours.',
  tags,
  security: SIGNED_IN,
  responses: {
    201: json('The link.', z.object({ url: z.string(), expiresAt: z.iso.datetime() }).openapi('SignInLink')),
    ...problems,
  },
});

/** Sign-in by link, and who is asking. */
export function authRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(signIn, async (c) => {
    const { token, label } = c.req.valid('json');
    const verified = await verifySignInToken(c.env.SIGNING_KEY, token);
    const grant =
      verified === null
        ? null
        : await signInDevice(c, verified.identity.userId, {
            displayName: verified.identity.displayName,
            workspaceId: verified.identity.workspaceId,
            label: oneLine(label ?? '', MAX_LABEL_CHARS) || deviceLabel(c.req.header('user-agent') ?? ''),
            ...{ method: 'link', authenticatedAtMs: verified.identity.authenticatedAtMs ?? Date.now() },
            singleUse: { jti: verified.jti, expiresAtMs: verified.expiresAtMs },
          });
    if (verified === null || grant === null) {
      // One answer for forged, expired and spent: a guesser learns nothing.
      throw new ProblemError(
        'unauthenticated',
        'This sign-in link was used or has expired. Ask for a new one.',
      );
    }
    return c.json(await grantTokens(c, verified.identity.userId, grant, receiver(c)), 200);
  });

  app.openapi(me, (c) => {
    const who = identityOf(c);
    const deviceId = who.credential?.kind === 'device' ? who.credential.id : null;
    return c.json({ user: UserSchema.parse(who), deviceId }, 200);
  });

  app.openapi(signInLinks, async (c) => {
    const who = identityOf(c);
    // In the person's own log, and there before there is a link.
    const link = {
      action: 'auth.link',
      target: { kind: 'user', id: who.userId },
      workspaceId: who.userId,
    } as const;
    await workspaceActor(c.env, who.userId).appendAudit([{ ...draftOf(who, link), id: randomId(16) }]);
    const { token, expiresAt } = await signSignInToken(c.env.SIGNING_KEY, {
      ...who,
      workspaceId: who.userId,
      // A link to oneself proves nothing anew, or every sign-in could be made a fresh one with it.
      authenticatedAtMs: who.authenticatedAtMs ?? 0,
    });
    const url = new URL('/sign-in', c.req.url);
    url.searchParams.set('token', token);
    return c.json({ url: url.href, expiresAt }, 201);
  });
}
