import { createMiddleware } from 'hono/factory';
import { matchedRoutes } from 'hono/route';
import type { ErrorCode } from '../../../protocol/messages/errors.ts';
import type { GatewayEnv } from '../context.ts';
import { recordRefusal, recordStranger } from '../denials.ts';

const REFRESH_PATH = '/api/v1/auth/refresh';
/** Answers that are refusals of somebody known. A thing that is not theirs looks like one that is not there. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set(['forbidden', 'not-found', 'reauthentication-required']);

/**
 * Sees to it that every refusal is in an audit log before it is answered: those of somebody known in their workspace's,
 * those of strangers in the deployment's. What the policy refuses is there already.
 */
export const auditDenials = createMiddleware<GatewayEnv>(async (c, next) => {
  await next();
  const code = c.get('problemCode');
  if (code === undefined || c.get('denialRecorded')) return;
  const route = matchedRoutes(c).findLast(({ method }) => method !== 'ALL');
  // Where no route is, nothing was refused.
  if (route === undefined) return;
  if (c.get('identity') !== null) {
    // A page of a list, or a word nobody understands, is not somebody's thing.
    if (REFUSALS.has(code) && (code !== 'not-found' || route.path.includes('/:')))
      await recordRefusal(c, code);
    return;
  }
  // Whoever shows nothing has not tried anything: a page asks whether it is signed in, or still.
  const asks = c.req.method === 'GET' || c.req.path === REFRESH_PATH;
  const tried = c.req.header('authorization') !== undefined || !asks;
  if (code === 'unauthenticated' && tried) await recordStranger(c, code);
});
