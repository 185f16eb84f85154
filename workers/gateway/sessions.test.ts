import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SessionInfo } from '../../protocol/messages/session.ts';
import { newSessionId } from '../shared/ids.ts';
import { ask, createSession, expectProblem, newUser, tokenFor } from '../testing/api.ts';

const Page = z.object({
  sessions: z.array(z.object({ id: z.string(), name: z.string() })),
  nextCursor: z.string().nullable(),
});

describe('sessions', () => {
  it('creates a session with its id on top, a location and a 128-bit id', async () => {
    const token = await tokenFor(newUser());
    const response = await ask('/api/v1/sessions', { method: 'POST', token, body: { name: ' build ' } });
    expect(response.status).toBe(201);
    const session = SessionInfo.parse(await response.json());
    expect(session.name).toBe('build');
    expect(session.id).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(response.headers.get('location')).toBe(`/api/v1/sessions/${session.id}`);
  });

  it('creates one without a body', async () => {
    const response = await ask('/api/v1/sessions', { method: 'POST', token: await tokenFor(newUser()) });
    expect(response.status).toBe(201);
    expect(SessionInfo.parse(await response.json()).name).toBe('Untitled');
  });

  it('gets, renames and deletes', async () => {
    const token = await tokenFor(newUser());
    const { id } = await createSession(token);
    const path = `/api/v1/sessions/${id}`;
    expect((await ask(path, { token })).status).toBe(200);
    const renamed = await ask(path, { method: 'PATCH', token, body: { name: 'new' } });
    expect(SessionInfo.parse(await renamed.json()).name).toBe('new');
    const deleted = await ask(path, { method: 'DELETE', token });
    expect(deleted.status).toBe(204);
    expect(await deleted.text()).toBe('');
    await expectProblem(await ask(path, { token }), 404, 'not-found');
    await expectProblem(await ask(path, { method: 'DELETE', token }), 404, 'not-found');
  });

  it('answers a foreign session exactly as a missing one, whatever is asked', async () => {
    const { id } = await createSession(await tokenFor(newUser()));
    const stranger = await tokenFor(newUser());
    const asks: [string, string, unknown][] = [
      ['GET', '', undefined],
      ['PATCH', '', { name: 'x' }],
      ['DELETE', '', undefined],
      ['GET', '/terminals', undefined],
      ['POST', '/terminals', {}],
      ['DELETE', '/terminals/1', undefined],
      ['POST', '/tickets', undefined],
    ];
    for (const [method, rest, body] of asks) {
      const headers = { 'x-request-id': 'same-request-id' };
      const foreign = await ask(`/api/v1/sessions/${id}${rest}`, { method, body, token: stranger, headers });
      const missing = await ask(`/api/v1/sessions/${newSessionId()}${rest}`, {
        method,
        body,
        token: stranger,
        headers,
      });
      expect(foreign.status, `${method} ${rest}`).toBe(404);
      expect([missing.status, await missing.text()]).toEqual([foreign.status, await foreign.text()]);
    }
  });

  it.each([
    ['no JSON', '{', 'application/json', 400],
    ['a number as name', '{"name":1}', 'application/json', 400],
    ['an empty name', '{"name":"  "}', 'application/json', 400],
    ['a long name', JSON.stringify({ name: 'x'.repeat(101) }), 'application/json', 400],
    ['a control character', '{"name":"a\\u001b[31m"}', 'application/json', 400],
    ['a life too long', '{"ttlMs":1e15}', 'application/json', 400],
    ['an array', '[]', 'application/json', 400],
    ['a form', 'name=x', 'application/x-www-form-urlencoded', 415],
    ['text', '{"name":"x"}', 'text/plain', 415],
  ])('refuses %s', async (_what, body, type, status) => {
    const response = await ask('/api/v1/sessions', {
      method: 'POST',
      token: await tokenFor(newUser()),
      body,
      headers: { 'content-type': type },
    });
    await expectProblem(response, status, 'invalid-request');
  });

  it('refuses a body that is too large', async () => {
    const body = { name: 'x', padding: 'x'.repeat(600 * 1024) };
    const response = await ask('/api/v1/sessions', {
      method: 'POST',
      token: await tokenFor(newUser()),
      body,
    });
    await expectProblem(response, 413, 'payload-too-large');
  });

  it.each(['short', 'x'.repeat(23), 'a'.repeat(21) + '.', '%00'.repeat(22)])(
    'refuses the id %s',
    async (id) => {
      await expectProblem(
        await ask(`/api/v1/sessions/${id}`, { token: await tokenFor() }),
        400,
        'invalid-request',
      );
    },
  );

  it('lists newest first, page by page, each session once', async () => {
    const token = await tokenFor(newUser());
    const made: string[] = [];
    for (let i = 0; i < 5; i += 1) made.push((await createSession(token, `s${i}`)).id);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page = Page.parse(await (await ask(`/api/v1/sessions?limit=2${query}`, { token })).json());
      expect(page.sessions.length).toBeLessThanOrEqual(2);
      seen.push(...page.sessions.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect([...seen].sort()).toEqual([...made].sort());
    expect(new Set(seen).size).toBe(5);
    expect(seen[0]).toBe(made[4]);
  });

  it.each(['limit=0', 'limit=201', 'limit=x', 'limit=-1', 'cursor=', 'cursor=nonsense', 'cursor=W10'])(
    'refuses the list with %s',
    async (query) => {
      const response = await ask(`/api/v1/sessions?${query}`, { token: await tokenFor(newUser()) });
      await expectProblem(response, 400, 'invalid-request');
    },
  );

  it("keeps users' lists apart", async () => {
    await createSession(await tokenFor(newUser()));
    const list = await ask('/api/v1/sessions', { token: await tokenFor(newUser()) });
    expect(Page.parse(await list.json())).toEqual({ sessions: [], nextCursor: null });
  });
});

describe('Idempotency-Key', () => {
  const post = (token: string, key: string, name: string) =>
    ask('/api/v1/sessions', { method: 'POST', token, body: { name }, headers: { 'idempotency-key': key } });

  it('repeats the answer, also for requests at the same time', async () => {
    const token = await tokenFor(newUser());
    const first = await post(token, 'key-1', 'a');
    const again = await post(token, 'key-1', 'a');
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(await again.json()).toEqual(await first.json());
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    const burst = await Promise.all(Array.from({ length: 8 }, () => post(token, 'key-2', 'b')));
    expect(burst.every(({ status }) => status === 201 || status === 409)).toBe(true);
    const list = Page.parse(await (await ask('/api/v1/sessions', { token })).json());
    expect(list.sessions.map(({ name }) => name).sort()).toEqual(['a', 'b']);
  });

  it('refuses the key with another request, and knows it per user', async () => {
    const token = await tokenFor(newUser());
    await post(token, 'key', 'a');
    await expectProblem(await post(token, 'key', 'b'), 422, 'conflict');
    expect((await post(await tokenFor(newUser()), 'key', 'b')).status).toBe(201);
  });

  it('refuses a key that is too long', async () => {
    await expectProblem(await post(await tokenFor(newUser()), 'k'.repeat(201), 'a'), 400, 'invalid-request');
  });
});
