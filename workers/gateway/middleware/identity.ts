import { getCookie } from 'hono/cookie';
import { createMiddleware } from 'hono/factory';
import { verifyAccessToken } from '../../shared/auth.ts';
import { type GatewayEnv, ProblemError, unauthenticated } from '../context.ts';
import { originAllowed } from '../origins.ts';

/** The cookie a browser holds its access token in. */
export const SESSION_COOKIE = 'alex_session';
const BEARER = /^bearer +([A-Za-z0-9._~+/=-]+)$/i;

/**
 * Finds out who asks: a bearer token, or else the cookie. A credential that is not valid is treated as none. A cookie
 * counts only for our own pages and listed origins: a browser sends it by itself.
 */
export const identity = createMiddleware<GatewayEnv>(async (c, next) => {
  const header = c.req.header('authorization');
  const bearer = header === undefined ? undefined : BEARER.exec(header)?.[1];
  const cookie = header === undefined ? getCookie(c, SESSION_COOKIE) : undefined;
  const trustedOrigin = originAllowed(c.req.header('origin') ?? null, c.req.url, c.env.ALLOWED_ORIGINS);
  const token = bearer ?? (trustedOrigin ? cookie : undefined);
  if (token !== undefined && token !== '') {
    const verified = await verifyAccessToken(c.env, token);
    c.set('identity', verified?.identity ?? null);
    c.set('byCookie', bearer === undefined);
  }
  await next();
});

/**
 * Lets only known callers through. With a cookie, a browser that changes something must say where from: every current
 * one sends Origin with such requests, so its absence beside a cookie is refused.
 */
export const requireIdentity = createMiddleware<GatewayEnv>(async (c, next) => {
  if (c.get('identity') === null) throw unauthenticated();
  const changes = c.req.method !== 'GET' && c.req.method !== 'HEAD';
  if (changes && c.get('byCookie') && c.req.header('origin') === undefined) {
    throw new ProblemError('forbidden', 'Requests with a cookie need an Origin header.');
  }
  await next();
});
