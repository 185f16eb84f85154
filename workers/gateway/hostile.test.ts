import { describe, expect, it } from 'vitest';
import { ask, createSession, expectProblem, newUser, ORIGIN, tokenFor } from '../testing/api.ts';
import { upgrade } from '../testing/host.ts';
import { ROUTE_RULES } from './route-rules.ts';

const post = (path: string, token: string, body: string) => ask(path, { method: 'POST', token, body });

describe('a path', () => {
  it('is the same route however it is encoded, and none when it only looks like one', async () => {
    const [owner, other] = [await tokenFor(newUser()), await tokenFor(newUser())];
    const { id } = await createSession(owner);
    const encoded = [...id].map((each) => `%${each.charCodeAt(0).toString(16)}`).join('');
    for (const path of [
      `/api/v1/sessions/${encoded}`,
      `/api/v1/%73essions/${id}`,
      `/x/../api/v1/sessions/${id}`,
    ]) {
      expect((await ask(path, { token: owner })).status, path).toBe(200);
      await expectProblem(await ask(path, { token: other }), 404, 'not-found');
      await expectProblem(await ask(path), 401, 'unauthenticated');
    }
    const twice = encoded.replaceAll('%', '%25');
    for (const [path, status] of [
      [`/api/v1/sessions/${id}/`, 404],
      [`/api/v1/sessions%2F${id}`, 404],
      [`/api/v1//sessions/${id}`, 404],
      [`/API/v1/sessions/${id}`, 404],
      [`/api/v1/sessions/${twice}`, 400],
      [`/api/v1/sessions/${id}%2Fevents`, 400],
      [`/api/v1/sessions/${id}%00`, 400],
      [`/api/v1/sessions/%E0%A4%A`, 400],
    ] as const)
      expect((await ask(path, { token: owner })).status, path).toBe(status);
  });

  it('names a workspace to the policy as to its route', async () => {
    const [ada, eve] = [newUser(), newUser()];
    const token = await tokenFor(eve);
    expect((await ask(`/api/v1/workspaces/${ada.userId}`, { token: await tokenFor(ada) })).status).toBe(200);
    const plain = ada.userId.replace('user', '%75ser');
    for (const name of [
      ada.userId,
      plain,
      plain.replace('%', '%25'),
      `${eve.userId}%2F..%2F${ada.userId}`,
      `${eve.userId}%00`,
      '%E0',
    ])
      expect((await ask(`/api/v1/workspaces/${name}`, { token })).status, name).toBe(404);
  });
});

describe('every route', () => {
  it('answers HEAD as GET, without a body, and OPTIONS never with what it does', async () => {
    const token = await tokenFor(newUser());
    for (const [route, rule] of Object.entries(ROUTE_RULES)) {
      const [method, pattern = ''] = route.split(' ');
      const path = pattern.replaceAll(/:\w+/g, 'x');
      const options = await ask(path, { method: 'OPTIONS', token });
      expect([404, 405], `OPTIONS ${path}`).toContain(options.status);
      if (method !== 'GET') continue;
      const head = await ask(path, { method: 'HEAD', token });
      expect(head.status, `HEAD ${path}`).toBeLessThan(500);
      expect(await head.text()).toBe('');
      if (typeof rule !== 'string')
        expect((await ask(path, { method: 'HEAD' })).status, `HEAD ${path}`).toBe(401);
    }
  });

  it('opens no WebSocket for HEAD', async () => {
    const headers = { 'sec-websocket-protocol': 'alex-edge.v1', origin: ORIGIN };
    const { id } = await createSession(await tokenFor(newUser()));
    const get = await upgrade(`/ws/v1/sessions/${id}`, headers);
    expect(get.status).toBeGreaterThan(0);
    const head = await ask(`/ws/v1/sessions/${id}`, {
      method: 'HEAD',
      headers: { ...headers, upgrade: 'websocket' },
    });
    expect([head.status >= 400, head.status < 500]).toEqual([true, true]);
  });
});

describe('JSON', () => {
  it.each([
    ['too deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['deep where a name belongs', `{"name":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`],
    ['not closed', '['.repeat(200_000)],
    ['a half of a pair', '{"name":"\\ud800","ttlMs":-1}'],
    ['a huge number', `{"ttlMs":1${'0'.repeat(400)}}`],
  ])('that is %s is refused', async (_, body) => {
    await expectProblem(
      await post('/api/v1/sessions', await tokenFor(newUser()), body),
      400,
      'invalid-request',
    );
  });

  it('with names of prototypes gives nobody anything', async () => {
    const token = await tokenFor(newUser());
    const made = await post(
      '/api/v1/sessions',
      token,
      '{"name":"x","__proto__":{"operator":true},"constructor":{"prototype":{"operator":true}}}',
    );
    expect(made.status).toBe(201);
    expect('operator' in {}).toBe(false);
    await expectProblem(await ask('/api/v1/hosts', { token }), 403, 'forbidden');
  });

  it('is not asked for by another type, and not read when it is too much', async () => {
    const token = await tokenFor(newUser());
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/jsonp',
    ]) {
      const headers = { 'content-type': type };
      const answer = await ask('/api/v1/sessions', { method: 'POST', token, body: '{}', headers });
      await expectProblem(answer, 415, 'invalid-request');
    }
    await expectProblem(
      await post('/api/v1/sessions', token, `"${'x'.repeat(600_000)}"`),
      413,
      'payload-too-large',
    );
  });
});
