import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { CookieOptions } from 'hono/utils/cookie';
import type { GatewayContext } from './context.ts';

/**
 * The cookies of a browser. With https they have the prefix `__Host-` (RFC 6265bis, 4.1.3.2): no other host, and no page
 * over http, can set or shadow them. That demands `Path=/`, so the refresh token goes with every request to this host;
 * a path would keep it from nobody who could not as well ask for that path, and every route but those below
 * /api/v1/auth ignores it. On plain http browsers refuse `Secure` cookies (but for localhost), so there, which is for
 * loopback, the names have no prefix.
 */
const NAMES = { access: 'alex_access', refresh: 'alex_refresh' } as const;
export const SECURE_PREFIX = '__Host-';

const isSecure = (c: GatewayContext): boolean => new URL(c.req.url).protocol === 'https:';

/** The name of a cookie of ours for this request's scheme. */
export function cookieName(c: GatewayContext, name: string): string {
  return isSecure(c) ? `${SECURE_PREFIX}${name}` : name;
}

/** What all our cookies have. `Strict`: no page of others, and no link from one, makes a browser send them. */
export function cookieOptions(c: GatewayContext, sameSite: 'Strict' | 'Lax' = 'Strict'): CookieOptions {
  return { path: '/', httpOnly: true, sameSite, secure: isSecure(c) };
}

/** The token in a cookie; undefined: there is none. */
export function tokenCookie(c: GatewayContext, which: keyof typeof NAMES): string | undefined {
  return getCookie(c, cookieName(c, NAMES[which]));
}

/** Gives the browser both tokens, each for as long as it is good. Times in milliseconds since the epoch. */
export function setTokenCookies(
  c: GatewayContext,
  tokens: Record<keyof typeof NAMES, { token: string; expiresAtMs: number }>,
): void {
  for (const which of ['access', 'refresh'] as const) {
    const { token, expiresAtMs } = tokens[which];
    const maxAge = Math.max(0, Math.floor((expiresAtMs - Date.now()) / 1000));
    setCookie(c, cookieName(c, NAMES[which]), token, { ...cookieOptions(c), maxAge });
  }
}

/** Takes both tokens from the browser, also when the answer becomes a problem. */
export function clearTokenCookies(c: GatewayContext): void {
  // Headers of an answer that there is already go over to the one that replaces it; others are lost with an error.
  void c.res;
  for (const name of Object.values(NAMES)) deleteCookie(c, cookieName(c, name), cookieOptions(c));
}
