import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { deleteCookie, setCookie } from 'hono/cookie';
import { MAX_TOKEN_CHARS, signAccessToken, signSignInToken, verifySignInToken } from '../../shared/auth.ts';
import { createLogger } from '../../shared/log.ts';
import { isOperator } from '../../shared/operators.ts';
import type { Identity } from '../../shared/rpc.ts';
import { userActor, workspaceActor } from '../actors.ts';
import { type GatewayContext, type GatewayEnv, identityOf, ProblemError } from '../context.ts';
import { SESSION_COOKIE } from '../middleware/identity.ts';
import { json, jsonBody, problems, SIGNED_IN } from './responses.ts';

const log = createLogger('gateway');
const tags = ['auth'];
/** Life of the token that a sign-in gives. */
const SIGNED_IN_MS = 30 * 24 * 3_600_000;
const UserSchema = z
  .object({
    userId: z.string(),
    displayName: z.string(),
    workspaceId: z.string(),
    /** Runs this deployment. */
    operator: z.boolean().optional(),
  })
  .openapi('User');

const signIn = createRoute({
  method: 'post',
  path: '/api/v1/auth/sign-in',
  summary: 'Spend the token of a sign-in link',
  description: 'Sets the session cookie and answers an access token for programs.',
  tags,
  request: jsonBody(z.object({ token: z.string().min(1).max(MAX_TOKEN_CHARS) }), true),
  responses: {
    200: json(
      'Signed in.',
      z
        .object({ accessToken: z.string(), expiresAt: z.iso.datetime(), user: UserSchema })
        .openapi('SignedIn'),
    ),
    ...problems,
  },
});

const me = createRoute({
  method: 'get',
  path: '/api/v1/auth/me',
  summary: 'Who you are',
  tags,
  security: SIGNED_IN,
  responses: { 200: json('You.', z.object({ user: UserSchema })), ...problems },
});

const signOut = createRoute({
  method: 'post',
  path: '/api/v1/auth/sign-out',
  summary: 'Drop the session cookie',
  tags,
  responses: { 204: { description: 'Signed out.' }, ...problems },
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

function cookieOptions(c: GatewayContext) {
  return {
    path: '/',
    httpOnly: true,
    sameSite: 'Strict',
    secure: new URL(c.req.url).protocol === 'https:',
  } as const;
}

/** For the directory. Nobody waits for it; who is not told of now is told of at the next sign-in. */
function noteSignIn(c: GatewayContext, who: Identity): void {
  const told = workspaceActor(c.env, who.workspaceId).signedIn({ ...who, at: new Date().toISOString() });
  const requestId = c.get('requestId');
  c.executionCtx.waitUntil(
    told.catch((error: unknown) => log('warn', 'sign-in not noted', { requestId, error: String(error) })),
  );
}

/** Sign-in by link, sign-out, and who is asking. */
export function authRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(signIn, async (c) => {
    const verified = await verifySignInToken(c.env.SIGNING_KEY, c.req.valid('json').token);
    const spent =
      verified !== null &&
      (await userActor(c.env, verified.identity).spendToken(verified.jti, verified.expiresAtMs));
    if (verified === null || !spent) {
      // One answer for forged, expired and spent: a guesser learns nothing.
      throw new ProblemError(
        'unauthenticated',
        'This sign-in link was used or has expired. Ask for a new one.',
      );
    }
    const operator = isOperator(c.env.OPERATORS, verified.identity.userId);
    const user: Identity = { ...verified.identity, ...(operator ? { operator } : {}) };
    const { token, expiresAt } = await signAccessToken(c.env.SIGNING_KEY, user, SIGNED_IN_MS);
    noteSignIn(c, user);
    setCookie(c, SESSION_COOKIE, token, { ...cookieOptions(c), maxAge: SIGNED_IN_MS / 1000 });
    return c.json({ accessToken: token, expiresAt, user: UserSchema.parse(user) }, 200);
  });

  app.openapi(me, (c) => c.json({ user: UserSchema.parse(identityOf(c)) }, 200));

  app.openapi(signOut, (c) => {
    deleteCookie(c, SESSION_COOKIE, cookieOptions(c));
    return c.body(null, 204);
  });

  app.openapi(signInLinks, async (c) => {
    const { token, expiresAt } = await signSignInToken(c.env.SIGNING_KEY, identityOf(c));
    const url = new URL('/sign-in', c.req.url);
    url.searchParams.set('token', token);
    return c.json({ url: url.href, expiresAt }, 201);
  });
}
