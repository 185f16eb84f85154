import { createExecutionContext, env, waitOnExecutionContext } from 'cloudflare:test';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Env } from '../../shared/env.ts';
import { expectProblem, ORIGIN } from '../../testing/api.ts';
import { createApp } from '../app.ts';
import { type Flow, FLOW_TTL_MS, flowCookie, openFlow, safeReturn, sealFlow } from './flow.ts';
import { Claims, isAllowed, personOf, userIdOf } from './person.ts';
import { oidcProviders } from './settings.ts';

const STATE = 's'.repeat(43);
const FLOW: Flow = {
  ...{ providerId: 'acme', state: STATE, nonce: 'n', codeVerifier: 'v', returnTo: '/', fresh: false },
};
const ACME = { id: 'acme', label: 'Acme', issuer: 'https://id.acme.test', clientId: 'alex' };
const setting = (...providers: unknown[]): string => JSON.stringify(providers);

afterEach(() => {
  vi.useRealTimers();
});

describe('where to go on to after a sign-in', () => {
  it.each([
    ['/', '/'],
    ['/s/abc?watch#x', '/s/abc?watch#x'],
    ['/device?code=BCDF-GHJK', '/device?code=BCDF-GHJK'],
    [undefined, '/'],
    ['', '/'],
    ['s/abc', '/'],
    ['//evil.test', '/'],
    ['/\\evil.test', '/'],
    ['/\t/evil.test', '/'],
    ['/\n\\evil.test/x', '/'],
    ['https://evil.test/', '/'],
    ['javascript:alert(1)', '/'],
    ['/.//evil.test', '/'],
    ['/api/v1/auth/sign-out', '/'],
    [`/${'x'.repeat(600)}`, '/'],
  ])('%j: %s', (given, path) => {
    expect(safeReturn(given, ORIGIN)).toBe(path);
  });

  it('is a path of ours, whatever is asked for', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      ':',
      '@',
      '?',
      '#',
      '\t',
      '\n',
      '%2f',
      'evil.test',
      'api',
      'x',
    );
    const asked = fc.oneof(
      fc.array(piece, { maxLength: 8 }).map((pieces) => `/${pieces.join('')}`),
      fc.string({ unit: 'binary', maxLength: 40 }),
    );
    fc.assert(
      fc.property(asked, (path) => {
        const onTo = safeReturn(path, ORIGIN);
        expect(onTo).toMatch(/^\/(?![/\\])/);
        expect(new URL(onTo, ORIGIN).origin).toBe(ORIGIN);
        expect(new URL(onTo, ORIGIN).pathname).not.toMatch(/^\/api/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a sign-in on its way', () => {
  it('comes back as it was, and tells nobody what is in it', async () => {
    const sealed = await sealFlow(env.SIGNING_KEY, { ...FLOW, codeVerifier: 'the-verifier' });
    expect(await openFlow(env.SIGNING_KEY, sealed)).toEqual({ ...FLOW, codeVerifier: 'the-verifier' });
    for (const part of sealed.split('.')) expect(safeAtob(part)).not.toContain('verifier');
  });

  it('is no good when it was changed, made by somebody else, or is too old', async () => {
    const sealed = await sealFlow(env.SIGNING_KEY, FLOW);
    const [head, key, iv, text, tag] = sealed.split('.');
    const other = `${tag?.startsWith('A') === true ? 'B' : 'A'}${tag?.slice(1)}`;
    expect(await openFlow(env.SIGNING_KEY, [head, key, iv, text, other].join('.'))).toBeNull();
    expect(await openFlow(env.SIGNING_KEY, '')).toBeNull();
    expect(await openFlow('another key', sealed)).toBeNull();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + FLOW_TTL_MS + 60_000 });
    expect(await openFlow(env.SIGNING_KEY, sealed)).toBeNull();
  });

  it('has a cookie of its own in each tab', () => {
    expect(flowCookie(STATE)).toBe('alex_oidc_ssssssssssss');
    for (const state of [undefined, '', 'x', 'a b'.repeat(10), '; Path=/;'.repeat(5)])
      expect(flowCookie(state)).toBeNull();
  });
});

describe('who somebody is', () => {
  it('is a matter of issuer and subject alone', async () => {
    expect(await userIdOf('https://a.test', 'ada')).toBe('u_mc8Gi9fKc4xpLdBI4EAGfw');
    const ids = await Promise.all([
      userIdOf('https://a.test', 'ada'),
      userIdOf('https://b.test', 'ada'),
      userIdOf('https://a.test', 'bob'),
    ]);
    expect(new Set(ids).size).toBe(3);
  });

  it.each([
    [{ sub: 's', name: 'Ada\u001b[2J', email: 'a@x.test', email_verified: true }, 'Ada [2J', 'a@x.test'],
    [{ sub: 's', preferred_username: 'ada', email: 'a@x.test' }, 'ada', null],
    [{ sub: 's', email: 'a@x.test', email_verified: false }, 'a@x.test', null],
    [{ sub: 's', email: 'a@x.test', email_verified: 'true' }, 'a@x.test', 'a@x.test'],
    [{ sub: 's', name: 7, email: ['x'] }, 's', null],
  ])('by the claims %j', async (claims, displayName, verifiedEmail) => {
    expect(await personOf('https://a.test', Claims.parse(claims))).toMatchObject({
      displayName,
      verifiedEmail,
    });
  });

  it('may be limited to verified addresses of some domains', async () => {
    const person = (email: string, verified = true) =>
      personOf('https://a.test', Claims.parse({ sub: 's', email, email_verified: verified }));
    expect(isAllowed(await person('a@x.test'), undefined)).toBe(true);
    expect(isAllowed(await person('a@X.test'), ['x.test'])).toBe(true);
    for (const [email, verified] of [
      ['a@x.test', false],
      ['a@sub.x.test', true],
      ['a@x.test@y.test', true],
    ] as const)
      expect(isAllowed(await person(email, verified), ['x.test'])).toBe(false);
  });
});

describe('the setting', () => {
  it('names any number of providers', () => {
    const local = { ...ACME, id: 'local', issuer: 'http://127.0.0.1:9000', clientSecret: 's' };
    expect(oidcProviders(setting(ACME, local)).map(({ id }) => id)).toEqual(['acme', 'local']);
    expect(oidcProviders(undefined)).toEqual([]);
  });

  it.each([
    ['{', /not JSON/],
    [setting({ ...ACME, id: 'A B' }), /0\.id/],
    [setting({ ...ACME, issuer: 'http://id.acme.test' }), /0\.issuer/],
    [setting({ ...ACME, secret: 'hush' }), /OIDC_PROVIDERS/],
    [setting(ACME, ACME), /one id/],
  ])('%s is refused, and said why', (text, why) => {
    expect(() => oidcProviders(text)).toThrow(why);
  });
});

describe('the routes', () => {
  async function askWith(path: string, headers: Record<string, string> = {}): Promise<Response> {
    const bindings: Env = { ...env, OIDC_PROVIDERS: setting(ACME) };
    const ctx = createExecutionContext();
    const response = await createApp().fetch(
      new Request(`${ORIGIN}/api/v1/auth/${path}`, { headers }),
      bindings,
      ctx,
    );
    await waitOnExecutionContext(ctx);
    return response;
  }

  it('list the providers, without what is not for everybody', async () => {
    expect(await (await askWith('providers')).json()).toEqual({ providers: [{ id: 'acme', label: 'Acme' }] });
    await expectProblem(await askWith('oidc/other/start'), 404, 'not-found');
    await expectProblem(await askWith('oidc/other/callback'), 404, 'not-found');
  });

  it('take an answer only in the browser that asked, from the provider it asked', async () => {
    const callback = (cookie: string, state = STATE) =>
      askWith(`oidc/acme/callback?code=c&state=${state}`, { cookie });
    const foreign = await sealFlow(env.SIGNING_KEY, { ...FLOW, providerId: 'other' });
    for (const response of [
      await callback(''),
      await callback('__Host-alex_oidc_ssssssssssss=nonsense'),
      await callback(`__Host-alex_oidc_ssssssssssss=${foreign}`),
      await callback(`alex_oidc_ssssssssssss=${await sealFlow(env.SIGNING_KEY, FLOW)}`),
      await callback('', 'x'),
    ]) {
      expect([response.status, response.headers.get('location')]).toEqual([302, '/sign-in?problem=expired']);
      expect(response.headers.getSetCookie().filter((each) => !each.includes('Max-Age=0'))).toEqual([]);
    }
  });
});

function safeAtob(text: string): string {
  return atob(text.replaceAll('-', '+').replaceAll('_', '/'));
}
