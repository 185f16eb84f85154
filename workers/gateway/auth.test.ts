import { env } from 'cloudflare:test';
import { decodeJwt, importJWK, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  ACCESS_AUDIENCE,
  LOCAL_USER,
  signAccessToken,
  signSignInToken,
  TOKEN_ISSUER,
} from '../shared/auth.ts';
import { ask, expectProblem, newUser, ORIGIN, tokenFor } from '../testing/api.ts';

const SignedIn = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  expiresAt: z.iso.datetime(),
  user: z.looseObject({ userId: z.string() }),
});

const signIn = (token: unknown, headers: Record<string, string> = {}) =>
  ask('/api/v1/auth/sign-in', { method: 'POST', body: { token }, headers });

/** Signs in and gives the Cookie header of a browser. */
async function cookie(): Promise<string> {
  const { token } = await signSignInToken(env.SIGNING_KEY, newUser());
  return (await signIn(token, { origin: ORIGIN })).headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
}

/** A token with our key but other claims. */
async function forge(claims: Record<string, unknown>, audience = ACCESS_AUDIENCE): Promise<string> {
  const key = await importJWK(JSON.parse(env.SIGNING_KEY), 'EdDSA');
  const all = { sub: 'local', name: 'x', ws: 'local', jti: 'x'.repeat(22), iss: TOKEN_ISSUER, ...claims };
  return new SignJWT(all)
    .setProtectedHeader({ alg: 'EdDSA' })
    .setAudience(audience)
    .setExpirationTime('1h')
    .sign(key);
}

describe('sign-in', () => {
  it('gives a program tokens and no cookie', async () => {
    const response = await signIn((await signSignInToken(env.SIGNING_KEY, LOCAL_USER)).token);
    expect(response.status).toBe(200);
    expect(response.headers.getSetCookie()).toEqual([]);
    const body = SignedIn.parse(await response.json());
    expect(body.user).toEqual(LOCAL_USER);
    const me = await ask('/api/v1/auth/me', { token: body.accessToken });
    expect(await me.json()).toMatchObject({ user: LOCAL_USER, deviceId: expect.any(String) as string });
  });

  it('works once, whoever comes first', async () => {
    const { token } = await signSignInToken(env.SIGNING_KEY, LOCAL_USER);
    const answers = await Promise.all(Array.from({ length: 6 }, () => signIn(token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401, 401]);
    await expectProblem(await signIn(token), 401, 'unauthenticated');
  });

  it('is not spent by looking at the link', async () => {
    const { token } = await signSignInToken(env.SIGNING_KEY, LOCAL_USER);
    await ask(`/sign-in?token=${token}`);
    expect((await signIn(token)).status).toBe(200);
  });

  it('refuses access tokens, expired links and nonsense', async () => {
    await expectProblem(await signIn(await tokenFor()), 401, 'unauthenticated');
    const old = await signSignInToken(env.SIGNING_KEY, LOCAL_USER, -60_000);
    await expectProblem(await signIn(old.token), 401, 'unauthenticated');
    await expectProblem(await signIn('nonsense'), 401, 'unauthenticated');
    await expectProblem(await signIn(''), 400, 'invalid-request');
    await expectProblem(await signIn(7), 400, 'invalid-request');
  });

  it('refuses a foreign page', async () => {
    const { token } = await signSignInToken(env.SIGNING_KEY, LOCAL_USER);
    await expectProblem(await signIn(token, { origin: 'https://evil.test' }), 403, 'forbidden');
    expect((await signIn(token)).status).toBe(200);
  });

  it('makes a link for another device that works once', async () => {
    const who = newUser();
    const made = await ask('/api/v1/auth/sign-in-links', { method: 'POST', token: await tokenFor(who) });
    expect(made.status).toBe(201);
    const { url } = z.object({ url: z.url(), expiresAt: z.iso.datetime() }).parse(await made.json());
    expect(new URL(url).origin).toBe(ORIGIN);
    const token = new URL(url).searchParams.get('token');
    expect(SignedIn.parse(await (await signIn(token)).json()).user.userId).toBe(who.userId);
    expect((await signIn(token)).status).toBe(401);
  });

  it.each([Date.now() - 3_600_000, undefined])('is no fresher by a link to oneself (%s)', async (atMs) => {
    const who = { ...newUser(), ...(atMs === undefined ? {} : { authenticatedAtMs: atMs }) };
    const made = await ask('/api/v1/auth/sign-in-links', { method: 'POST', token: await tokenFor(who) });
    const { url } = z.object({ url: z.url() }).parse(await made.json());
    const link = new URL(url).searchParams.get('token');
    const { accessToken } = SignedIn.parse(await (await signIn(link)).json());
    expect(decodeJwt(accessToken)['auth_time']).toBe(Math.floor((atMs ?? 0) / 1000));
  });
});

describe('who is asking', () => {
  const routes: [string, string][] = [
    ['GET', '/api/v1/auth/me'],
    ['POST', '/api/v1/auth/sign-in-links'],
    ['POST', '/api/v1/auth/sign-out-everywhere'],
    ['GET', '/api/v1/auth/devices'],
    ['DELETE', '/api/v1/auth/devices/aaaaaaaaaaaaaaaaaaaaaa'],
    ['GET', '/api/v1/sessions'],
    ['POST', '/api/v1/sessions'],
    ['GET', '/api/v1/sessions/aaaaaaaaaaaaaaaaaaaaaa'],
    ['PATCH', '/api/v1/sessions/aaaaaaaaaaaaaaaaaaaaaa'],
    ['DELETE', '/api/v1/sessions/aaaaaaaaaaaaaaaaaaaaaa'],
    ['GET', '/api/v1/sessions/aaaaaaaaaaaaaaaaaaaaaa/terminals'],
    ['POST', '/api/v1/sessions/aaaaaaaaaaaaaaaaaaaaaa/terminals'],
    ['DELETE', '/api/v1/sessions/aaaaaaaaaaaaaaaaaaaaaa/terminals/1'],
    ['POST', '/api/v1/sessions/aaaaaaaaaaaaaaaaaaaaaa/tickets'],
    ['GET', '/api/v1/terminal?session=aaaaaaaaaaaaaaaaaaaaaa'],
    ['POST', '/api/v1/terminal?session=aaaaaaaaaaaaaaaaaaaaaa'],
    ['GET', '/api/v1/hosts'],
    ['POST', '/api/v1/hosts/test-host/drain'],
    ['GET', '/metrics'],
    ['GET', '/api/v1/no/such/thing'],
  ];
  it.each(routes)('must be known for %s %s', async (method, path) => {
    const response = await ask(path, { method });
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
    await expectProblem(response, 401, 'unauthenticated');
  });

  it.each([
    ['GET', '/api/v1/hosts'],
    ['POST', '/api/v1/hosts/test-host/drain'],
    ['GET', '/metrics'],
  ])('must be an operator for %s %s', async (method, path) => {
    const response = await ask(path, { method, token: await tokenFor(newUser()) });
    await expectProblem(response, 403, 'forbidden');
  });

  it('refuses tokens that are not quite ours', async () => {
    const good = await tokenFor();
    const bad = [
      `${good.slice(0, -3)}AAA`,
      (await signSignInToken(env.SIGNING_KEY, LOCAL_USER)).token,
      (await signAccessToken(env.SIGNING_KEY, LOCAL_USER, -60_000)).token,
      await forge({}, 'another-api'),
      await forge({ iss: 'someone-else' }),
      await forge({ ws: undefined }),
      await forge({ sub: '' }),
      `${btoa('{"alg":"none"}').replaceAll('=', '')}.${good.split('.')[1] ?? ''}.`,
      'x'.repeat(5_000),
    ];
    for (const token of bad)
      await expectProblem(await ask('/api/v1/auth/me', { token }), 401, 'unauthenticated');
    expect((await ask('/api/v1/auth/me', { token: await forge({}) })).status).toBe(200);
  });

  it('wants to know where a change with a cookie comes from', async () => {
    const headers = { cookie: await cookie() };
    const post = (more: Record<string, string>) =>
      ask('/api/v1/sessions', { method: 'POST', body: {}, headers: { ...headers, ...more } });
    for (const refused of [
      {},
      { origin: 'https://evil.test' },
      { origin: 'null' },
      { origin: `${ORIGIN}.evil.test` },
      { origin: ORIGIN, 'sec-fetch-site': 'cross-site' },
      { origin: ORIGIN, 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'same-origin' },
    ])
      await expectProblem(await post(refused), 403, 'forbidden');
    expect((await post({ origin: ORIGIN })).status).toBe(201);
    expect((await post({ origin: ORIGIN, 'sec-fetch-site': 'same-origin' })).status).toBe(201);
  });

  it('reads no cookie for a page elsewhere that says so without an Origin', async () => {
    const me = (fetchSite: string) =>
      cookie().then((value) =>
        ask('/api/v1/auth/me', { headers: { cookie: value, 'sec-fetch-site': fetchSite } }),
      );
    for (const fetchSite of ['cross-site', 'same-site', 'anything'])
      await expectProblem(await me(fetchSite), 401, 'unauthenticated');
    for (const fetchSite of ['same-origin', 'none']) expect((await me(fetchSite)).status).toBe(200);
  });

  it('does not read a cookie for a foreign page, nor let it read the answer', async () => {
    const headers = { cookie: await cookie(), origin: 'https://evil.test' };
    const response = await ask('/api/v1/auth/me', { headers });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    await expectProblem(response, 401, 'unauthenticated');
  });
});
