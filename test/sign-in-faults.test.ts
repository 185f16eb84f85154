import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditPage } from '../protocol/audit/query.ts';
import { api } from './support/api.ts';
import { FAULTY_CLIENT, type Fault, FaultyIssuer } from './support/faulty-issuer.ts';
import { freePort } from './support/ports.ts';
import { Stack } from './support/stack.ts';

/** Sign-ins that come to nothing: whatever is wrong at the issuer, nobody is signed in, and the page says what to do. */
let issuer: FaultyIssuer;
let stack: Stack;

beforeAll(async () => {
  issuer = await FaultyIssuer.start();
  const closed = { ...FAULTY_CLIENT, id: 'absent', label: 'absent' };
  const providers = [
    issuer.setting('faulty'),
    issuer.setting('silent', '/silent'),
    { ...closed, issuer: `http://localhost:${await freePort()}` },
  ];
  stack = await Stack.start({ OIDC_PROVIDERS: JSON.stringify(providers) });
});
afterAll(async () => {
  await stack.stop();
  await issuer.stop();
});

/** What a browser holds of a sign-in that has begun. */
interface Begun {
  departure: URL;
  cookie: string;
}

const ask = (url: URL | string, cookie = ''): Promise<Response> =>
  fetch(new URL(url, stack.url), { redirect: 'manual', headers: { cookie } });
const whereTo = (response: Response): string => response.headers.get('location') ?? '';
/** Cookies that an answer sets, by name; those it takes away are not among them. */
const cookiesOf = (response: Response): string[] =>
  response.headers
    .getSetCookie()
    .filter((cookie) => !cookie.includes('Max-Age=0'))
    .map((cookie) => cookie.split(';')[0] ?? '');

async function begin(): Promise<Begun> {
  const response = await ask('/api/v1/auth/oidc/faulty/start');
  return { departure: new URL(whereTo(response)), cookie: cookiesOf(response).join('; ') };
}

async function signIn(fault: Fault = {}, query: Record<string, string | null> = {}): Promise<Response> {
  const { departure, cookie } = await begin();
  return ask(issuer.answer(departure, fault, query), cookie);
}

/** Rows of the deployment's log about sign-ins at issuers, newest first. */
async function strangers(): Promise<AuditPage['rows']> {
  const path = '/api/v1/audit?stream=deployment&action=access.denied&limit=100';
  const { rows } = AuditPage.parse((await api(stack, 'GET', path)).body);
  return rows.filter(({ target }) => target.id.includes('/oidc/'));
}

/** Nobody is signed in; the page is told which words to use; and a stranger's try is in the log, once. */
async function comesToNothing(response: Response, problem: string): Promise<void> {
  expect([response.status, whereTo(response)]).toEqual([302, `/sign-in?problem=${problem}`]);
  expect(cookiesOf(response)).toEqual([]);
  expect(await response.text()).toBe('');
}

const past = Math.floor(Date.now() / 1000) - 600;

describe('an answer that does not fit', () => {
  it.each<[string, Fault, Record<string, string | null>, string]>([
    ['a token of another issuer', { claims: { iss: 'http://localhost:1' } }, {}, 'failed'],
    ['a token for another client', { claims: { aud: 'somebody-else' } }, {}, 'failed'],
    ['a token for several clients', { claims: { aud: ['alex-edge', 'somebody-else'] } }, {}, 'failed'],
    ['a token of another sign-in', { claims: { nonce: 'another' } }, {}, 'failed'],
    ['a token that has ended', { claims: { iat: past - 60, exp: past } }, {}, 'failed'],
    ['a token of nobody', { claims: { sub: '' } }, {}, 'failed'],
    ['a token signed with another key', { signature: 'other-key' }, {}, 'failed'],
    ['a token signed by a key nobody has', { signature: 'unknown-key' }, {}, 'failed'],
    ['a token that is not signed', { signature: 'none' }, {}, 'failed'],
    ['a token signed with the secret of ours', { signature: 'shared-secret' }, {}, 'failed'],
    ['no token', { token: 'no-id-token' }, {}, 'failed'],
    ['something else than tokens', { token: 'garbage' }, {}, 'failed'],
    ['the answer of another issuer', {}, { iss: 'http://localhost:1' }, 'failed'],
    ['an answer that does not say whose it is', {}, { iss: null }, 'failed'],
    ['a code it never gave', {}, { code: 'invented' }, 'failed'],
    ['no state', {}, { state: null }, 'expired'],
    ['another state', {}, { state: 's'.repeat(43) }, 'expired'],
    ['a refusal', {}, { code: null, error: 'access_denied', error_description: '<b>x</b>' }, 'denied'],
  ])('%s', async (_what, fault, query, problem) => {
    const before = (await strangers()).length;
    await comesToNothing(await signIn(fault, query), problem);
    const rows = await strangers();
    expect(rows).toHaveLength(before + 1);
    expect(rows[0]).toMatchObject({ actor: { userId: null }, outcome: 'denied', reason: 'unauthenticated' });
  });

  it('is good once, and only in the browser that asked', async () => {
    const { departure, cookie } = await begin();
    const answer = issuer.answer(departure);
    await comesToNothing(await ask(answer), 'expired');
    const first = await ask(answer, cookie);
    expect(whereTo(first)).toBe('/');
    expect(cookiesOf(first).map((each) => each.split('=')[0])).toEqual(
      expect.arrayContaining(['alex_access', 'alex_refresh']),
    );
    await comesToNothing(await ask(answer, cookie), 'failed');
  });
});

describe('an issuer in trouble', () => {
  it('is followed to new keys, and waited for no longer than it has', async () => {
    await issuer.rotateKeys();
    expect(whereTo(await signIn())).toBe('/');
    await comesToNothing(await signIn({ token: 'down' }), 'unreachable');
    await issuer.rotateKeys();
    await comesToNothing(await signIn({ keys: 'down' }), 'unreachable');
    await comesToNothing(await ask('/api/v1/auth/oidc/absent/start'), 'unreachable');
    const startedMs = performance.now();
    const silent = await Promise.all([
      ask('/api/v1/auth/oidc/silent/start'),
      signIn({ token: 'hangs' }),
      signIn({ keys: 'hangs', signature: 'unknown-key' }),
    ]);
    for (const response of silent) await comesToNothing(response, 'unreachable');
    expect(performance.now() - startedMs).toBeLessThan(20_000);
    await issuer.rotateKeys();
    expect(whereTo(await signIn())).toBe('/');
  });
});

it('leaves no code, token or secret in a log', () => {
  const folder = join(stack.dataDirectory, 'logs');
  const logs = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  expect(logs.join('')).toContain('sign-in came to nothing');
  for (const text of ['code-', 'an-access-token', FAULTY_CLIENT.clientSecret, 'eyJ', '<b>x</b>'])
    expect(logs.filter((log) => log.includes(text))).toEqual([]);
});
