import { createMiddleware } from 'hono/factory';
import { routePath } from 'hono/route';
import { createLogger } from '../../shared/log.ts';
import type { GatewayEnv } from '../context.ts';
import { recordRequest } from '../metrics-recorder.ts';

const log = createLogger('gateway');

/** One log line and one count per request, by route pattern: paths hold ids, queries may hold secrets. */
export const accessLog = createMiddleware<GatewayEnv>(async (c, next) => {
  const startedMs = performance.now();
  await next();
  const route = routePath(c, -1);
  const tookMs = Math.max(0, performance.now() - startedMs);
  const code = c.get('problemCode');
  const { method } = c.req;
  const { status } = c.res;
  recordRequest(c.env, c.executionCtx, { route, method, status, tookMs, code });
  log(status >= 500 ? 'error' : 'info', 'request', {
    requestId: c.get('requestId'),
    method,
    route,
    status,
    tookMs: Math.round(tookMs * 10) / 10,
    code,
    userId: c.get('identity')?.userId,
    sessionId: c.req.param('id'),
  });
});
