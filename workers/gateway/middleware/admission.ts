import { createMiddleware } from 'hono/factory';
import { admitted, HOST_SHARE, VIEWER_SHARE } from '../../shared/capacity.ts';
import { type GatewayEnv, ProblemError } from '../context.ts';

/** Seconds a refused client waits at least; clients spread their return over as much again. */
const RETRY_AFTER_S = 5;
const HOST_CONTROL = '/host/v1/control';

/**
 * Refuses what would add to a full edge: sessions, tickets (which a client draws before it connects), and sockets. The one
 * control socket of a host is always let in; it is what everything else depends on.
 */
export const admission = createMiddleware<GatewayEnv>(async (c, next) => {
  const { method, path } = c.req;
  const host = path.startsWith('/host/') && path !== HOST_CONTROL;
  const adds = host || path.startsWith('/ws/') || (method === 'POST' && /\/(sessions|tickets)$/.test(path));
  if (adds && !(await admitted(c.env, host ? HOST_SHARE : VIEWER_SHARE))) {
    throw new ProblemError('unavailable', 'The edge is full; try again in a few seconds.', {
      headers: { 'retry-after': String(RETRY_AFTER_S) },
    });
  }
  await next();
});
