import type { OpenAPIHono } from '@hono/zod-openapi';
import { createMiddleware } from 'hono/factory';
import { answerProblem, type GatewayEnv, setHeaders } from '../context.ts';
import { methodsAt } from '../route-methods.ts';
import { isForeign } from '../origins.ts';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
/** What a listed origin may send, and read of an answer, besides what every origin may. */
const REQUEST_HEADERS = [
  'alex-workspace',
  'authorization',
  'content-type',
  'idempotency-key',
  'x-request-id',
];
const ANSWER_HEADERS = ['location', 'ratelimit', 'ratelimit-policy', 'retry-after', 'x-request-id'];
/** How long a browser may keep a preflight's answer. */
const PREFLIGHT_MAX_AGE_S = 600;

/**
 * Cross-origin rules: listed origins may call with credentials, others get no CORS headers, and no foreign page may
 * change anything, whatever credentials it holds. A preflight is told the methods of the routes that are there.
 */
export const corsFor = (app: OpenAPIHono<GatewayEnv>) =>
  createMiddleware<GatewayEnv>(async (c, next) => {
    const origin = c.req.header('origin') ?? null;
    const fetchSite = c.req.header('sec-fetch-site') ?? null;
    const allowed = !isForeign({ origin, fetchSite }, c.req.url, c.env.ALLOWED_ORIGINS);
    const crossOrigin = origin !== null && origin !== new URL(c.req.url).origin;
    const preflight =
      c.req.method === 'OPTIONS' && c.req.header('access-control-request-method') !== undefined;
    if (preflight) {
      if (!allowed) return answerProblem(c, 'forbidden', 'This origin is not allowed.');
      return new Response(null, {
        status: 204,
        headers: {
          ...corsHeaders(origin, crossOrigin),
          'access-control-allow-methods': methodsAt(app, c.req.path).join(', '),
          'access-control-allow-headers': REQUEST_HEADERS.join(', '),
          'access-control-max-age': String(PREFLIGHT_MAX_AGE_S),
        },
      });
    }
    if (!allowed && !SAFE_METHODS.has(c.req.method)) {
      return answerProblem(c, 'forbidden', 'This origin is not allowed.');
    }
    await next();
    if (c.res.status === 101) return undefined;
    const vary = c.res.headers.get('vary');
    setHeaders(c, {
      ...(allowed ? corsHeaders(origin, crossOrigin) : {}),
      vary: vary === null ? 'origin' : `${vary}, origin`,
    });
    return undefined;
  });

function corsHeaders(origin: string | null, crossOrigin: boolean): Record<string, string> {
  if (origin === null || !crossOrigin) return {};
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': ANSWER_HEADERS.join(', '),
    vary: 'origin',
  };
}
