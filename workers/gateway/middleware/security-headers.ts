import { createMiddleware } from 'hono/factory';
import type { GatewayEnv } from '../context.ts';

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

/** Headers every answer of the Worker has. Routes that serve pages set their own policy first. */
export const securityHeaders = createMiddleware<GatewayEnv>(async (c, next) => {
  await next();
  if (c.res.status === 101) return;
  if (c.res.headers.get('content-security-policy') === null) c.header('content-security-policy', API_POLICY);
  c.header('x-content-type-options', 'nosniff');
  c.header('x-frame-options', 'DENY');
  c.header('referrer-policy', 'no-referrer');
  c.header('cross-origin-opener-policy', 'same-origin');
  c.header('permissions-policy', 'camera=(), microphone=(), geolocation=()');
  if (c.res.headers.get('cache-control') === null) c.header('cache-control', 'no-store');
  if (c.req.url.startsWith('https:')) {
    c.header('strict-transport-security', 'max-age=31536000; includeSubDomains');
  }
});
