import { sha256 } from '@noble/hashes/sha2.js';
import { createMiddleware } from 'hono/factory';
import { UserId } from '../../../protocol/messages/session.ts';
import type { Agent } from '../../../protocol/messages/access-policy.ts';
import { CLOCK_TOLERANCE_S, type VerifiedToken, verifyAccessToken } from '../../shared/auth.ts';
import { verifyGuestToken } from '../../shared/guest-token.ts';
import { base64Url } from '../../shared/ids.ts';
import { looksLikeApiKey } from '../../shared/api-key.ts';
import { NO_SUCH_WORKSPACE } from '../../shared/policy/decide.ts';
import type { Identity } from '../../shared/rpc.ts';
import { known } from '../../shared/standing.ts';
import { type GatewayContext, type GatewayEnv, ProblemError, unauthenticated } from '../context.ts';
import { tokenCookie } from '../cookies.ts';
import { identityByKey } from '../key-identity.ts';
import { cookieCounts } from '../origins.ts';
import { byOwnName, deviceIsActive } from '../standing.ts';

/** Names the workspace that a request is about, in place of the one in the token. */
export const WORKSPACE_HEADER = 'alex-workspace';
const BEARER = /^bearer +([A-Za-z0-9._~+/=-]+)$/i;

/**
 * Finds out who asks: a bearer token, or else the cookie. A credential that is not valid is treated as none. A cookie
 * counts only for our own pages and listed origins: a browser sends it by itself.
 */
export const identity = createMiddleware<GatewayEnv>(async (c, next) => {
  const header = c.req.header('authorization');
  const bearer = header === undefined ? undefined : BEARER.exec(header)?.[1];
  const cookie = header === undefined && isOwn(c, false) ? tokenCookie(c, 'access') : undefined;
  const token = bearer ?? cookie;
  if (token !== undefined && token !== '') {
    const who = await identityBy(c, token);
    c.set('byCookie', bearer === undefined);
    c.set('identity', who === null ? null : asked(c, who));
  }
  await next();
});

async function identityBy(c: GatewayContext, token: string): Promise<Identity | null> {
  if (looksLikeApiKey(token)) {
    const owner = await identityByKey(c, token);
    return owner === null ? null : byOwnName(c, owner);
  }
  // By its hash, so that no token lies in memory longer than a request takes.
  const hash = base64Url(sha256(new TextEncoder().encode(token)));
  const verified = await known.tokens.get(hash, () => verify(c, token));
  if (verified === null || verified.expiresAtMs <= Date.now() - CLOCK_TOLERANCE_S * 1000) return null;
  const { identity: who } = verified;
  const [isActive, named] = await Promise.all([deviceIsActive(c, who), byOwnName(c, who)]);
  return isActive ? named : null;
}

async function verify(c: GatewayContext, token: string): Promise<VerifiedToken | null> {
  return (await verifyAccessToken(c.env, token)) ?? (await verifyGuestToken(c.env, token));
}

/** What acts in this request. */
function agentOf(c: GatewayContext, who: Identity): Agent {
  if (who.credential?.kind === 'api-key' || who.credential?.kind === 'guest') return who.credential.kind;
  return c.get('byCookie') ? 'browser' : 'program';
}

/** The identity as this request has it: in which workspace, from where, by what. */
function asked(c: GatewayContext, who: Identity): Identity {
  const address = c.get('address');
  const named = c.req.header(WORKSPACE_HEADER);
  if (named !== undefined && !UserId.safeParse(named).success)
    throw new ProblemError('invalid-request', `${WORKSPACE_HEADER}: not a workspace id.`);
  // A key is of one workspace; to it there is no other.
  if (who.credential?.kind === 'api-key' && named !== undefined && named !== who.workspaceId)
    throw new ProblemError('not-found', NO_SUCH_WORKSPACE);
  return {
    ...who,
    workspaceId: who.onlySession === undefined ? (named ?? who.workspaceId) : who.workspaceId,
    requestId: c.get('requestId'),
    agent: agentOf(c, who),
    ...(address === undefined ? {} : { address }),
  };
}

/** Lets only known callers through; who changes something by a cookie has to come from a page of ours. */
export const requireIdentity = createMiddleware<GatewayEnv>(async (c, next) => {
  if (c.get('identity') === null) throw unauthenticated();
  const changes = c.req.method !== 'GET' && c.req.method !== 'HEAD';
  if (changes && c.get('byCookie')) requireOwnOrigin(c);
  await next();
});

/** Throws a 403 unless the request comes from a page of ours or a listed one, as a change by cookie has to. */
export function requireOwnOrigin(c: GatewayContext): void {
  if (!isOwn(c, true))
    throw new ProblemError('forbidden', 'Requests with a cookie need an Origin header that is ours.');
}

function isOwn(c: GatewayContext, changes: boolean): boolean {
  const from = {
    origin: c.req.header('origin') ?? null,
    fetchSite: c.req.header('sec-fetch-site') ?? null,
  };
  return cookieCounts(from, changes, c.req.url, c.env.ALLOWED_ORIGINS);
}
