import { createMiddleware } from 'hono/factory';
import type { Purpose } from '../../shared/admission.ts';
import { enter } from '../../shared/capacity.ts';
import { type GatewayEnv, ProblemError } from '../context.ts';

const HOST_CONTROL = '/host/v1/control';

/**
 * Refuses what would add to a full edge, and says when to come again. The one control socket of a host is always let in;
 * it is what everything else depends on.
 */
export const admission = createMiddleware<GatewayEnv>(async (c, next) => {
  const purpose = purposeOf(c.req.method, c.req.path);
  if (purpose === null) return next();
  const verdict = enter(c.env, c.executionCtx, purpose, c.get('identity')?.userId);
  if (verdict.admitted) return next();
  throw new ProblemError('unavailable', 'The edge has no room just now; try again when it says.', {
    headers: { 'retry-after': String(Math.ceil(verdict.retryAfterMs / 1000)) },
  });
});

/** What a request wants to add to the edge; null: nothing. */
function purposeOf(method: string, path: string): Purpose | null {
  if (path.startsWith('/host/')) return path === HOST_CONTROL ? null : 'host';
  if (path.startsWith('/ws/')) return 'socket';
  if (method !== 'POST') return null;
  if (path.endsWith('/tickets')) return 'ticket';
  return path.endsWith('/sessions') ? 'session' : null;
}
