import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { AuthorizationResponseError } from 'openid-client';
import { createLogger } from '../../shared/log.ts';
import { type GatewayContext, type GatewayEnv, ProblemError } from '../context.ts';
import { cookieName, cookieOptions } from '../cookies.ts';
import { recordStranger } from '../denials.ts';
import { deviceLabel } from '../device-label.ts';
import { type Flow, FLOW_TTL_MS, flowCookie, openFlow, safeReturn, sealFlow } from '../oidc/flow.ts';
import { arrive, depart } from '../oidc/issuer.ts';
import { isAllowed, personOf } from '../oidc/person.ts';
import { type OidcProvider, oidcProviders } from '../oidc/settings.ts';
import { isUnreachable } from '../oidc/unreachable.ts';
import { grantTokens, signInDevice } from '../sign-in.ts';
import { json, notFound, problems } from './responses.ts';

const log = createLogger('gateway');
const tags = ['auth'];
const params = z.object({
  provider: z
    .string()
    .max(32)
    .openapi({ param: { name: 'provider', in: 'path' } }),
});

/**
 * What the sign-in page is told when nothing came of it. `denied`: the issuer or the person said no. `expired`: not the
 * browser that began it, or too late. `failed`: the issuer's answer does not fit. `not-allowed`: not for such accounts.
 * `going`: their account is being deleted.
 */
type SignInProblem = 'denied' | 'expired' | 'failed' | 'unreachable' | 'not-allowed' | 'going';

const list = createRoute({
  method: 'get',
  path: '/api/v1/auth/providers',
  summary: 'List the OpenID Connect providers you can sign in with',
  tags,
  responses: {
    200: json(
      'The providers.',
      z.object({
        providers: z.array(z.object({ id: z.string(), label: z.string() }).openapi('Provider')),
      }),
    ),
    ...problems,
  },
});

const start = createRoute({
  method: 'get',
  path: '/api/v1/auth/oidc/{provider}/start',
  summary: 'Sign in with a provider',
  description:
    'For browsers: leads to the provider, and from there by the callback to the path `return`. With `fresh` the provider is to ' +
    'have the person prove anew who they are.',
  tags,
  request: { params, query: z.object({ return: z.string().optional(), fresh: z.literal('1').optional() }) },
  responses: { 302: { description: 'To the provider.' }, ...problems, ...notFound },
});

const callback = createRoute({
  method: 'get',
  path: '/api/v1/auth/oidc/{provider}/callback',
  summary: 'Where a provider sends the browser back to',
  description: 'The redirect URI to register at the provider. Whatever is wrong is told on the sign-in page.',
  tags,
  request: { params },
  responses: { 302: { description: 'Into the product, or to the sign-in page.' }, ...problems, ...notFound },
});

/** Sign-in by OpenID Connect: the authorization code flow with PKCE. */
export function oidcRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(list, (c) => {
    const providers = oidcProviders(c.env.OIDC_PROVIDERS).map(({ id, label }) => ({ id, label }));
    return c.json({ providers }, 200);
  });

  app.openapi(start, async (c) => {
    const provider = providerNamed(c, c.req.valid('param').provider);
    const query = c.req.valid('query');
    const fresh = query.fresh === '1';
    try {
      const { url, ...departure } = await depart(provider, redirectUri(c, provider), fresh);
      const returnTo = safeReturn(query.return, new URL(c.req.url).origin);
      await keepFlow(c, { ...departure, providerId: provider.id, returnTo, fresh });
      return c.redirect(url.href, 302);
    } catch (error) {
      return giveUp(c, provider, 'unreachable', error);
    }
  });

  app.openapi(callback, async (c) => {
    const provider = providerNamed(c, c.req.valid('param').provider);
    const flow = await takeFlow(c, provider);
    if (flow === null) return giveUp(c, provider, 'expired', null);
    let answer: Awaited<ReturnType<typeof arrive>>;
    try {
      answer = await arrive(provider, new URL(c.req.url), flow);
    } catch (error) {
      return giveUp(c, provider, problemOf(error), error);
    }
    const { issuer, claims } = answer;
    const person = await personOf(issuer, claims);
    if (!isAllowed(person, provider.allowedEmailDomains)) return giveUp(c, provider, 'not-allowed', null);
    const nowMs = Date.now();
    const grant = await signInDevice(c, person.userId, {
      ...{ displayName: person.displayName, workspaceId: person.userId },
      ...{ label: deviceLabel(c.req.header('user-agent') ?? ''), method: 'oidc' },
      authenticatedAtMs: Math.min(nowMs, (claims.auth_time ?? Infinity) * 1000),
      identity: { providerId: provider.id, issuer, subject: claims.sub, email: person.verifiedEmail },
    });
    if (grant === null) return giveUp(c, provider, 'going', null);
    await grantTokens(c, person.userId, grant, 'browser');
    return c.redirect(flow.returnTo, 302);
  });
}

function providerNamed(c: GatewayContext, id: string): OidcProvider {
  const found = oidcProviders(c.env.OIDC_PROVIDERS).find((provider) => provider.id === id);
  if (found === undefined)
    throw new ProblemError('not-found', 'There is no such provider; GET /api/v1/auth/providers lists them.');
  return found;
}

function redirectUri(c: GatewayContext, provider: OidcProvider): string {
  return new URL(`/api/v1/auth/oidc/${provider.id}/callback`, c.req.url).href;
}

/** `Lax`, because the way back begins at the issuer's page. */
async function keepFlow(c: GatewayContext, flow: Flow): Promise<void> {
  const name = flowCookie(flow.state);
  if (name === null) throw new Error('The state has another form than expected.');
  const sealed = await sealFlow(c.env.SIGNING_KEY, flow);
  setCookie(c, cookieName(c, name), sealed, { ...cookieOptions(c, 'Lax'), maxAge: FLOW_TTL_MS / 1000 });
}

/** The flow that the answer belongs to; its cookie goes. Null: not begun in this browser, with this provider, lately. */
async function takeFlow(c: GatewayContext, provider: OidcProvider): Promise<Flow | null> {
  const name = flowCookie(c.req.query('state'));
  const sealed = name === null ? undefined : getCookie(c, cookieName(c, name));
  if (name === null || sealed === undefined) return null;
  deleteCookie(c, cookieName(c, name), cookieOptions(c, 'Lax'));
  const flow = await openFlow(c.env.SIGNING_KEY, sealed);
  return flow?.providerId === provider.id ? flow : null;
}

/** What a failed answer is to the person. */
function problemOf(error: unknown): SignInProblem {
  if (isUnreachable(error)) return 'unreachable';
  return error instanceof AuthorizationResponseError ? 'denied' : 'failed';
}

/** Tells the person on the sign-in page, in words that are ours, and the logs why. */
async function giveUp(c: GatewayContext, provider: OidcProvider, problem: SignInProblem, error: unknown) {
  log('warn', 'sign-in came to nothing', {
    ...{ requestId: c.get('requestId'), provider: provider.id, problem },
    error: error === null ? null : String(error),
  });
  if (problem !== 'unreachable')
    await recordStranger(c, problem === 'not-allowed' ? 'forbidden' : 'unauthenticated');
  return c.redirect(`/sign-in?problem=${problem}`, 302);
}
