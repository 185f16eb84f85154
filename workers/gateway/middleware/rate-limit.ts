import { createMiddleware } from 'hono/factory';
import { z } from 'zod';
import type { Env } from '../../shared/env.ts';
import { TokenBucket } from '../../shared/token-bucket.ts';
import { countedAddress } from '../client-address.ts';
import { type CallerKind, countRequest, isTooBusy } from '../coarse-limits.ts';
import { type GatewayContext, type GatewayEnv, ProblemError, setHeaders } from '../context.ts';

/** Requests a user, or an API key, may make per second unless told otherwise, and how many seconds' worth at once. */
const USER_RATE_PER_S = 200;
const BURST_S = 5;
/** All members of a workspace together may make so many times as many. */
const WORKSPACE_SHARE = 10;
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

type Kind = CallerKind | 'sockets';
const buckets = new Map<string, TokenBucket>();

/**
 * Refuses callers that ask too much, by user, by API key, or by address where nobody is known: exactly in this isolate,
 * coarsely over all of them (../coarse-limits.ts). What is left is told in the headers of the IETF draft
 * (`draft-ietf-httpapi-ratelimit-headers`).
 */
export const limitRate = createMiddleware<GatewayEnv>(async (c, next) => {
  if (c.req.path === '/healthz') {
    await next();
    return;
  }
  const who = c.get('identity');
  const address = countedAddress(c.get('address'));
  let told: Record<string, string>;
  if (who === null) told = take(c, SOCKET_PATH.test(c.req.path) ? 'sockets' : 'address', address);
  else {
    told = take(c, 'user', who.userId);
    if (who.credential?.kind === 'api-key') told = take(c, 'key', who.credential.id);
  }
  await next();
  if (c.res.status === 101) return;
  setHeaders(c, told);
});

/** The same for a workspace: behind the decision that the caller is in it, or anybody could use up what is others'. */
export const limitWorkspace = createMiddleware<GatewayEnv>(async (c, next) => {
  const who = c.get('identity');
  if (who?.workspaceRole !== undefined) take(c, 'workspace', who.workspaceId);
  await next();
});

/** Takes one request. Out: the headers that say what is left. Throws a 429 with them when there is none. */
function take(c: GatewayContext, kind: Kind, id: string): Record<string, string> {
  const nowMs = Date.now();
  const bucket = bucketOf(c.env, kind, id, nowMs);
  const fits = bucket.take(nowMs);
  const tooBusy = kind !== 'sockets' && isTooBusy(kind, id, nowMs);
  if (kind !== 'sockets') countRequest(c.env, c.executionCtx, kind, id);
  const told = headersOf(kind, bucket);
  if (fits && !tooBusy) return told;
  const whose = kind === 'workspace' ? 'in this workspace' : 'from you';
  throw new ProblemError('rate-limited', `Too many requests ${whose}; wait a second.`, {
    headers: { ...told, 'retry-after': '1' },
  });
}

function headersOf(kind: Kind, bucket: TokenBucket): Record<string, string> {
  const fullInS = Math.ceil((bucket.burst - bucket.left) / bucket.perSecond);
  return {
    'ratelimit-policy': `"${kind}";q=${bucket.burst};w=${BURST_S}`,
    ratelimit: `"${kind}";r=${bucket.left};t=${fullInS}`,
  };
}

function bucketOf(env: Env, kind: Kind, id: string, nowMs: number): TokenBucket {
  const key = `${kind}:${id}`;
  const known = buckets.get(key);
  if (known !== undefined) return known;
  const perSecond = ratePerS(env, kind);
  const bucket = new TokenBucket(perSecond, BURST_S * perSecond, nowMs);
  const oldest = buckets.keys().next();
  if (buckets.size >= MAX_CALLERS && oldest.done !== true) buckets.delete(oldest.value);
  buckets.set(key, bucket);
  return bucket;
}

function ratePerS(env: Env, kind: Kind): number {
  if (kind === 'address') return ANONYMOUS_RATE_PER_S;
  const variables = Variables.parse(env);
  if (kind === 'sockets') return variables.ALEX_ADDRESS_SOCKETS_PER_S;
  return variables.ALEX_USER_REQUESTS_PER_S * (kind === 'workspace' ? WORKSPACE_SHARE : 1);
}
