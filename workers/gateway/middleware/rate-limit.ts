import { createMiddleware } from 'hono/factory';
import { z } from 'zod';
import { TokenBucket } from '../../session-do/token-bucket.ts';
import type { Env } from '../../shared/env.ts';
import { type GatewayEnv, ProblemError } from '../context.ts';

/** Requests a caller may make per second unless told otherwise, and how many seconds' worth at once, in one isolate. */
const USER_RATE_PER_S = 200;
const BURST_S = 5;
/** The same for callers we do not know, by address; it also slows guessing of tokens. */
const ANONYMOUS_RATE_PER_S = 50;
/**
 * WebSockets by address. Their tickets say who comes only to the actor; a sandbox host opens one for each of its
 * sessions, and people behind one address all come back at once when the edge was away.
 */
const SOCKET_RATE_PER_S = 500;
const SOCKET_PATH = /^\/(ws|host)\//;
/** Callers remembered; beyond it the one remembered longest starts anew. */
const MAX_CALLERS = 10_000;

const Variables = z.object({
  ALEX_USER_REQUESTS_PER_S: z.coerce.number().positive().default(USER_RATE_PER_S),
  ALEX_ADDRESS_SOCKETS_PER_S: z.coerce.number().positive().default(SOCKET_RATE_PER_S),
});

const buckets = new Map<string, TokenBucket>();

/** Refuses callers that ask too much. A first line of defence per isolate; actors have limits of their own. */
export const limitRate = createMiddleware<GatewayEnv>(async (c, next) => {
  const userId = c.get('identity')?.userId;
  const address = c.req.header('cf-connecting-ip') ?? '';
  const kind = userId !== undefined ? 'user' : SOCKET_PATH.test(c.req.path) ? 'sockets' : 'address';
  const key = `${kind}:${userId ?? address}`;
  const nowMs = Date.now();
  let bucket = buckets.get(key);
  if (bucket === undefined) {
    const perSecond = ratePerS(c.env, kind);
    bucket = new TokenBucket(perSecond, BURST_S * perSecond, nowMs);
    const oldest = buckets.keys().next();
    if (buckets.size >= MAX_CALLERS && oldest.done !== true) buckets.delete(oldest.value);
    buckets.set(key, bucket);
  }
  if (c.req.path !== '/healthz' && !bucket.take(nowMs)) {
    throw new ProblemError('rate-limited', 'Too many requests; wait a second.', {
      headers: { 'retry-after': '1' },
    });
  }
  await next();
});

function ratePerS(env: Env, kind: 'user' | 'sockets' | 'address'): number {
  if (kind === 'address') return ANONYMOUS_RATE_PER_S;
  const variables = Variables.parse(env);
  return kind === 'user' ? variables.ALEX_USER_REQUESTS_PER_S : variables.ALEX_ADDRESS_SOCKETS_PER_S;
}
