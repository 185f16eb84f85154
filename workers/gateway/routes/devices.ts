import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { DeviceEnd } from '../../shared/devices-rpc.ts';
import { parseRefreshToken } from '../../shared/refresh-token.ts';
import type { Identity } from '../../shared/rpc.ts';
import { userActor } from '../actors.ts';
import { type GatewayContext, type GatewayEnv, identityOf, ProblemError } from '../context.ts';
import { clearTokenCookies, tokenCookie } from '../cookies.ts';
import { requireOwnOrigin } from '../middleware/identity.ts';
import { endSessionUrl } from '../oidc/issuer.ts';
import { oidcProviders } from '../oidc/settings.ts';
import { deviceFacts, RefreshTokenBody } from '../sign-in.ts';
import { forgetDevices } from '../../shared/standing.ts';
import { json, jsonBody, notFound, problems, SIGNED_IN } from './responses.ts';

const tags = ['auth'];
const security = SIGNED_IN;
const DeviceIdParam = z
  .string()
  .regex(/^[A-Za-z0-9_-]{22}$/)
  .openapi({ param: { name: 'id', in: 'path' }, example: 'Zk3x0b1TqQ2mV9cL8sYh4A' });

const DeviceSchema = z
  .object({
    ...{ id: z.string(), label: z.string(), userAgent: z.string(), address: z.string() },
    ...{ createdAt: z.iso.datetime(), lastUsedAt: z.iso.datetime(), expiresAt: z.iso.datetime() },
    /** It is the one that asks. */
    current: z.boolean(),
  })
  .openapi('Device');

const list = createRoute({
  method: 'get',
  path: '/api/v1/auth/devices',
  summary: 'List the devices you are signed in on',
  tags,
  security,
  responses: { 200: json('The devices.', z.object({ devices: z.array(DeviceSchema) })), ...problems },
});

const revoke = createRoute({
  method: 'delete',
  path: '/api/v1/auth/devices/{id}',
  summary: 'Sign a device out',
  description: 'Its tokens are refused within 5 seconds.',
  tags,
  security,
  request: { params: z.object({ id: DeviceIdParam }) },
  responses: { 204: { description: 'Signed out.' }, ...problems, ...notFound },
});

const signOut = createRoute({
  method: 'post',
  path: '/api/v1/auth/sign-out',
  summary: 'Sign this device out',
  description:
    'Ends the device that asks, or the one whose refresh token is in the body, and takes the cookies from a browser.',
  tags,
  request: jsonBody(RefreshTokenBody, false),
  responses: {
    200: json(
      'Signed out. Where the browser ends its session at the provider it signed in with, if there is such a place.',
      z.object({ endSessionUrl: z.string().nullable() }).openapi('SignedOut'),
    ),
    ...problems,
  },
});

const signOutEverywhere = createRoute({
  method: 'post',
  path: '/api/v1/auth/sign-out-everywhere',
  summary: 'Sign all your devices out',
  description: 'Their tokens are refused within 5 seconds. API keys stay.',
  tags,
  security,
  responses: { 204: { description: 'Signed out.' }, ...problems },
});

/** The devices somebody is signed in on, and their ends. */
export function deviceRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(list, async (c) => {
    const who = identityOf(c);
    const devices = await userActor(c.env, who).listDevices();
    return c.json({ devices: devices.map((each) => ({ ...each, current: isCurrent(who, each.id) })) }, 200);
  });

  app.openapi(revoke, async (c) => {
    const who = identityOf(c);
    const { id } = c.req.valid('param');
    const why: DeviceEnd = isCurrent(who, id) ? 'signed-out' : 'revoked';
    if ((await userActor(c.env, who).endDevice(who, id, why)) === null)
      throw new ProblemError('not-found', 'You are not signed in on such a device.');
    forgetDevices([id]);
    if (why === 'signed-out') clearTokenCookies(c);
    return c.body(null, 204);
  });

  app.openapi(signOut, async (c) => {
    const { refreshToken } = RefreshTokenBody.parse(c.req.valid('json') ?? {});
    const cookie = tokenCookie(c, 'refresh');
    if (tokenCookie(c, 'access') !== undefined || cookie !== undefined) requireOwnOrigin(c);
    const who = await deviceAsking(c, refreshToken ?? cookie);
    clearTokenCookies(c);
    if (who?.credential?.kind !== 'device') return c.json({ endSessionUrl: null }, 200);
    const { id } = who.credential;
    const ended = await userActor(c.env, who).endDevice(who, id, 'signed-out');
    forgetDevices([id]);
    return c.json({ endSessionUrl: await endSessionAt(c, ended?.providerId ?? null) }, 200);
  });

  app.openapi(signOutEverywhere, async (c) => {
    const who = identityOf(c);
    forgetDevices(await userActor(c.env, who).endAllDevices(who, 'signed-out-everywhere'));
    clearTokenCookies(c);
    return c.body(null, 204);
  });
}

const isCurrent = (who: Identity, deviceId: string): boolean =>
  who.credential?.kind === 'device' && who.credential.id === deviceId;

/** Null: not signed in at a provider, or at one that has no such place or cannot be asked. */
async function endSessionAt(c: GatewayContext, providerId: string | null): Promise<string | null> {
  const provider = oidcProviders(c.env.OIDC_PROVIDERS).find(({ id }) => id === providerId);
  if (provider === undefined) return null;
  return endSessionUrl(provider, new URL('/sign-in', c.req.url).href).catch(() => null);
}

/** Whose device it is: by spending the refresh token, which nobody needs any more, or else by the access token. */
async function deviceAsking(c: GatewayContext, refreshToken: string | undefined): Promise<Identity | null> {
  const token = parseRefreshToken(refreshToken ?? '');
  if (token === null) return c.get('identity');
  const { userId } = token;
  const facts = deviceFacts(c);
  const actor = userActor(c.env, { userId, displayName: '', workspaceId: userId });
  const answer = await actor.refreshDevice(token, facts);
  if (!answer.ok) return c.get('identity');
  const { displayName, workspaceId, deviceId } = answer.grant;
  return {
    ...{ userId, displayName, workspaceId, credential: { kind: 'device', id: deviceId } },
    ...{ address: facts.address, requestId: facts.requestId },
  };
}
