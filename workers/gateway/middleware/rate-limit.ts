import { createMiddleware } from 'hono/factory';
import { TokenBucket } from '../../session-do/token-bucket.ts';
import { type GatewayEnv, ProblemError } from '../context.ts';

/** Requests a caller may make per second and at once, in one isolate. */
const USER_RATE_PER_S = 200;
const USER_BURST = 1_000;
/** The same for callers we do not know, by address; it also slows guessing of tokens. */
const ANONYMOUS_RATE_PER_S = 50;
const ANONYMOUS_BURST = 500;
/** Callers remembered; beyond it the one remembered longest starts anew. */
const MAX_CALLERS = 10_000;

const buckets = new Map<string, TokenBucket>();

/** Refuses callers that ask too much. A first line of defence per isolate; actors have limits of their own. */
export const limitRate = createMiddleware<GatewayEnv>(async (c, next) => {
  const userId = c.get('identity')?.userId;
  const key = userId === undefined ? `address:${c.req.header('cf-connecting-ip') ?? ''}` : `user:${userId}`;
  const nowMs = Date.now();
  let bucket = buckets.get(key);
  if (bucket === undefined) {
    bucket =
      userId === undefined
        ? new TokenBucket(ANONYMOUS_RATE_PER_S, ANONYMOUS_BURST, nowMs)
        : new TokenBucket(USER_RATE_PER_S, USER_BURST, nowMs);
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
