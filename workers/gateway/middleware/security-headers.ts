import { createMiddleware } from 'hono/factory';
import { type GatewayEnv, setHeaders } from '../context.ts';

/** For answers that are no pages: nothing may be loaded or framed. */
const API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** For pages: only our own files. Styles are set by script in the terminal and in the API browser. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self' blob:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ');

const EVERYWHERE = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
};
const OVER_TLS = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' };

/** Headers every answer of the Worker has. Routes that serve pages set their own policy first. */
export const securityHeaders = createMiddleware<GatewayEnv>(async (c, next) => {
  await next();
  if (c.res.status === 101) return;
  const { headers } = c.res;
  setHeaders(c, {
    ...EVERYWHERE,
    ...(headers.has('content-security-policy') ? {} : { 'content-security-policy': API_POLICY }),
    ...(headers.has('cache-control') ? {} : { 'cache-control': 'no-store' }),
    ...(c.req.url.startsWith('https:') ? OVER_TLS : {}),
  });
});
