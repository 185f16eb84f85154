import { env, SELF } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { ACCESS_TOKEN_TTL_MS, signSignInToken } from '../shared/auth.ts';
import type { Identity } from '../shared/rpc.ts';
import { REFRESH_GRACE_MS } from '../user-do/refresh-family.ts';
import { type Ask, ask, expectProblem, newUser, ORIGIN } from '../testing/api.ts';
import { deviceLabel } from './device-label.ts';

const Tokens = z.object({ accessToken: z.string(), refreshToken: z.string(), deviceId: z.string() });
const Devices = z.object({
  devices: z.array(z.object({ id: z.string(), label: z.string(), current: z.boolean() })),
});
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0';

const linkToken = async (who: Identity) => (await signSignInToken(env.SIGNING_KEY, who)).token;
const post = (path: string, options: Ask = {}) => ask(`/api/v1/auth/${path}`, { method: 'POST', ...options });

/** Signs a program in. */
async function program(who: Identity, label = 'laptop') {
  const response = await post('sign-in', { body: { token: await linkToken(who), label } });
  expect(response.status).toBe(200);
  return Tokens.parse(await response.json());
}
const refresh = (refreshToken: string) => post('refresh', { body: { refreshToken } });
const me = (token: string) => ask('/api/v1/auth/me', { token });

/** A browser: it keeps cookies as they are set, and sends them with its Origin. */
class Browser {
  readonly cookies = new Map<string, string>();
  readonly attributes = new Map<string, string[]>();
  readonly #origin: string;

  constructor(origin = ORIGIN) {
    this.#origin = origin;
  }

  async send(method: string, path: string, body?: unknown): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await SELF.fetch(`${this.#origin}/api/v1/auth/${path}`, {
      ...{ method, headers: { origin: this.#origin, cookie, 'user-agent': FIREFOX, ...json(body) } },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ');
      const [name = '', value = ''] = pair.split('=');
      this.attributes.set(name, attributes);
      if (attributes.includes('Max-Age=0')) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }
}
const json = (body: unknown): Record<string, string> =>
  body === undefined ? {} : { 'content-type': 'application/json' };

function passTime(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
}
afterEach(() => {
  vi.useRealTimers();
});

describe('a program', () => {
  it('renews with its refresh token, again when the answer was lost, and its access token ends soon', async () => {
    const first = await program(newUser());
    expect((await me(first.accessToken)).status).toBe(200);
    passTime(ACCESS_TOKEN_TTL_MS + 10_000);
    await expectProblem(await me(first.accessToken), 401, 'unauthenticated');
    const lost = await refresh(first.refreshToken);
    const again = Tokens.parse(await (await refresh(first.refreshToken)).json());
    expect(again.refreshToken).toBe(Tokens.parse(await lost.json()).refreshToken);
    expect(lost.headers.getSetCookie()).toEqual([]);
    expect((await me(again.accessToken)).status).toBe(200);
  });

  it('signs out with its refresh token alone', async () => {
    const first = await program(newUser());
    passTime(ACCESS_TOKEN_TTL_MS + 10_000);
    const { refreshToken } = first;
    expect((await post('sign-out', { body: { refreshToken } })).status).toBe(200);
    await expectProblem(await refresh(refreshToken), 401, 'unauthenticated');
    expect(await (await post('sign-out')).json()).toEqual({ endSessionUrl: null });
  });

  it('is signed out when a copy of its token is used, whoever uses it', async () => {
    const first = await program(newUser());
    const second = Tokens.parse(await (await refresh(first.refreshToken)).json());
    passTime(REFRESH_GRACE_MS + 1);
    await expectProblem(await refresh(first.refreshToken), 401, 'unauthenticated');
    await expectProblem(await refresh(second.refreshToken), 401, 'unauthenticated');
    passTime(6_000);
    await expectProblem(await me(second.accessToken), 401, 'unauthenticated');
  });

  it.each([
    '',
    'x',
    'alexr.bG9jYWw.AAAAAAAAAAAAAAAAAAAAAA.0.x',
    `alexr.4pi.${'A'.repeat(22)}.0.${'A'.repeat(43)}`,
  ])('gets nothing for the token %j', async (token) => {
    const response = await refresh(token);
    expect(response.status).toBe(token === '' ? 400 : 401);
  });
});

describe('a browser', () => {
  it.each([
    [ORIGIN, '__Host-', ['HttpOnly', 'Path=/', 'SameSite=Strict', 'Secure']],
    ['http://127.0.0.1:8787', '', ['HttpOnly', 'Path=/', 'SameSite=Strict']],
  ])('at %s has its tokens in cookies of the right kind only', async (origin, prefix, attributes) => {
    const browser = new Browser(origin);
    const signedIn = await browser.send('POST', 'sign-in', { token: await linkToken(newUser()) });
    expect(await signedIn.json()).not.toHaveProperty('accessToken');
    expect([...browser.cookies.keys()]).toEqual([`${prefix}alex_access`, `${prefix}alex_refresh`]);
    for (const each of browser.attributes.values()) {
      expect(each.filter((attribute) => !attribute.startsWith('Max-Age=')).sort()).toEqual(attributes);
    }
    expect((await browser.send('GET', 'me')).status).toBe(200);
    const renewed = await browser.send('POST', 'refresh');
    expect(renewed.status).toBe(200);
    const body = await renewed.json();
    expect(body).not.toHaveProperty('refreshToken');
    expect(JSON.stringify(body)).not.toContain('alexr.');
  });

  it('over https takes no cookie without the prefix', async () => {
    const browser = new Browser();
    await browser.send('POST', 'sign-in', { token: await linkToken(newUser()) });
    for (const [name, value] of [...browser.cookies]) {
      browser.cookies.delete(name);
      browser.cookies.set(name.replace('__Host-', ''), value);
    }
    expect((await browser.send('GET', 'me')).status).toBe(401);
    expect((await browser.send('POST', 'refresh')).status).toBe(401);
  });

  it('with several tabs that renew at once stays signed in', async () => {
    const browser = new Browser();
    await browser.send('POST', 'sign-in', { token: await linkToken(newUser()) });
    passTime(ACCESS_TOKEN_TTL_MS + 10_000);
    const answers = await Promise.all(Array.from({ length: 5 }, () => browser.send('POST', 'refresh')));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect((await browser.send('POST', 'refresh')).status).toBe(200);
  });

  it('signs out, also when its access token has ended, and its cookies go', async () => {
    for (const waitMs of [0, ACCESS_TOKEN_TTL_MS + 10_000]) {
      const browser = new Browser();
      await browser.send('POST', 'sign-in', { token: await linkToken(newUser()) });
      const kept = new Map(browser.cookies);
      passTime(waitMs);
      expect((await browser.send('POST', 'sign-out')).status).toBe(200);
      expect(browser.cookies.size).toBe(0);
      for (const [name, value] of kept) browser.cookies.set(name, value);
      expect((await browser.send('POST', 'refresh')).status).toBe(401);
      expect(browser.cookies.size).toBe(0);
    }
  });

  it('is not renewed or signed out by a page of somebody else', async () => {
    const browser = new Browser();
    await browser.send('POST', 'sign-in', { token: await linkToken(newUser()) });
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    for (const path of ['refresh', 'sign-out', 'sign-out-everywhere']) {
      for (const from of [
        {},
        { origin: 'https://evil.test' },
        { origin: ORIGIN, 'sec-fetch-site': 'same-site' },
      ])
        await expectProblem(await post(path, { headers: { cookie, ...from } }), 403, 'forbidden');
    }
    expect((await browser.send('POST', 'refresh')).status).toBe(200);
  });
});

describe('the devices of a user', () => {
  it('are listed by name, and signed out one by one or all', async () => {
    const who = newUser();
    const laptop = await program(who, 'laptop\u001b[2J');
    const browser = new Browser();
    await browser.send('POST', 'sign-in', { token: await linkToken(who) });
    const stranger = await program(newUser());
    const list = async () =>
      Devices.parse(await (await ask('/api/v1/auth/devices', { token: laptop.accessToken })).json()).devices;
    const listed = await list();
    expect(listed.map(({ label, current }) => [label, current]).sort()).toEqual([
      ['Firefox on Linux', false],
      ['laptop [2J', true],
    ]);
    const other = listed.find(({ current }) => !current)?.id ?? '';
    const remove = (token: string) => ask(`/api/v1/auth/devices/${other}`, { method: 'DELETE', token });
    await expectProblem(await remove(stranger.accessToken), 404, 'not-found');
    expect((await remove(laptop.accessToken)).status).toBe(204);
    expect((await browser.send('POST', 'refresh')).status).toBe(401);
    expect(await list()).toHaveLength(1);
    const everywhere = await post('sign-out-everywhere', { token: laptop.accessToken });
    expect(everywhere.status).toBe(204);
    await expectProblem(await refresh(laptop.refreshToken), 401, 'unauthenticated');
    passTime(6_000);
    await expectProblem(await me(laptop.accessToken), 401, 'unauthenticated');
    expect((await me(stranger.accessToken)).status).toBe(200);
  });

  it.each([
    [FIREFOX, 'Firefox on Linux'],
    [
      'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0',
      'Edge on Windows',
    ],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18 like Mac OS X) Version/18.0 Safari/604.1', 'Safari on iOS'],
    ['curl/8.5.0', 'curl/8.5.0'],
    ['', 'Unknown device'],
  ])('are known by their user agent %j', (userAgent, label) => {
    expect(deviceLabel(userAgent)).toBe(label);
  });
});
