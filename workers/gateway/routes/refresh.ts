import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { parseRefreshToken } from '../../shared/refresh-token.ts';
import { userActor } from '../actors.ts';
import { type GatewayContext, type GatewayEnv, ProblemError } from '../context.ts';
import { clearTokenCookies, tokenCookie } from '../cookies.ts';
import { requireOwnOrigin } from '../middleware/identity.ts';
import { deviceFacts, grantTokens, RefreshTokenBody, SignedInSchema } from '../sign-in.ts';
import { json, jsonBody, problems } from './responses.ts';

const tags = ['auth'];

const refresh = createRoute({
  method: 'post',
  path: '/api/v1/auth/refresh',
  summary: 'Spend a refresh token for new tokens',
  description:
    'Programs send the refresh token in the body, browsers in its cookie. Each is good once; the one before the current one ' +
    'is answered with the current one for 30 seconds, so that a lost answer can be asked for again. One that was spent ' +
    'longer ago ends the device: somebody else has a copy of it.',
  tags,
  request: jsonBody(RefreshTokenBody, false),
  responses: { 200: json('New tokens.', SignedInSchema), ...problems },
});

/** Renewing of tokens (RFC 6749, 6; RFC 9700, 4.14). */
export function refreshRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(refresh, async (c) => {
    const { refreshToken: given } = RefreshTokenBody.parse(c.req.valid('json') ?? {});
    if (given === undefined) requireOwnOrigin(c);
    const token = parseRefreshToken(given ?? tokenCookie(c, 'refresh') ?? '');
    if (token === null) throw refused(c);
    const { userId } = token;
    const actor = userActor(c.env, { userId, displayName: '', workspaceId: userId });
    const answer = await actor.refreshDevice(token, deviceFacts(c));
    if (!answer.ok) throw refused(c);
    return c.json(
      await grantTokens(c, userId, answer.grant, given === undefined ? 'browser' : 'program'),
      200,
    );
  });
}

/** One answer for forged, ended and spent: a guesser learns nothing. A browser need not send it again. */
function refused(c: GatewayContext): ProblemError {
  clearTokenCookies(c);
  return new ProblemError('unauthenticated', 'You are signed out. Sign in again.');
}
