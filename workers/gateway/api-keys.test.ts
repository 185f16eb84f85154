import { env, evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { MAX_API_KEYS } from '../../protocol/limits.ts';
import { ApiKey } from '../../protocol/messages/api-key.ts';
import { drawApiKey, parseApiKey } from '../shared/api-key.ts';
import { known, MAX_STALENESS_MS } from '../shared/standing.ts';
import { ask, createSession, expectProblem, newUser, tokenFor } from '../testing/api.ts';
import { newKey } from '../testing/api-keys.ts';
import { auditRows } from '../testing/audit.ts';
import { PlayedSession } from '../testing/session.ts';
import { PlayedTeam } from '../testing/workspaces.ts';

afterEach(() => void vi.useRealTimers());

const actorOf = (id: string) => env.KEYS.get(env.KEYS.idFromName(id));
const list = async (token: string): Promise<ApiKey[]> =>
  z.object({ keys: z.array(ApiKey) }).parse(await (await ask('/api/v1/keys', { token })).json()).keys;
const me = (token: string, headers: Record<string, string> = {}) =>
  ask('/api/v1/auth/me', { token, headers });

describe('an API key', () => {
  it('acts for its owner; its secret is told once and stored nowhere', async () => {
    const who = newUser();
    const token = await tokenFor(who);
    const { key, ...made } = await newKey(token, ['sessions:read', 'sessions:write', 'sessions:read']);
    expect(made).toMatchObject({ scopes: ['sessions:read', 'sessions:write'], workspaceId: who.userId });
    expect(made).toMatchObject({ expiresAt: null, lastUsedAt: null, userId: who.userId });
    const session = await createSession(key, 'by key');
    expect(session).toMatchObject({ ownerId: who.userId, workspaceId: who.workspaceId });
    const listed = await list(token);
    expect(listed).toEqual([{ ...made, lastUsedAt: expect.any(String) as string }]);
    const stored = await runInDurableObject(actorOf(made.id), (_key, { storage }) =>
      JSON.stringify([
        ...storage.sql.exec('SELECT * FROM key').toArray(),
        ...storage.sql.exec('SELECT * FROM outbox').toArray(),
      ]),
    );
    expect(stored).toContain(parseApiKey(key)?.hash);
    expect(stored).not.toContain(key.split('_')[2]);
  });

  it('outlives its actor, and notes its use at most once a minute', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const token = await tokenFor(newUser());
    const { key, id } = await newKey(token, ['sessions:read']);
    await me(key);
    const first = (await list(token))[0]?.lastUsedAt;
    vi.advanceTimersByTime(59_000);
    await evictDurableObject(actorOf(id));
    expect((await me(key)).status).toBe(200);
    expect((await list(token))[0]?.lastUsedAt).toBe(first);
    vi.advanceTimersByTime(MAX_STALENESS_MS);
    await me(key);
    expect((await list(token))[0]?.lastUsedAt).not.toBe(first);
  });

  it('is good for nothing once revoked: at once here, within 5 s elsewhere', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const who = newUser();
    const token = await tokenFor(who);
    const [here, elsewhere] = [
      await newKey(token, ['sessions:read']),
      await newKey(token, ['sessions:read']),
    ];
    for (const { key } of [here, elsewhere]) expect((await me(key)).status).toBe(200);
    expect((await ask(`/api/v1/keys/${here.id}`, { method: 'DELETE', token })).status).toBe(204);
    await expectProblem(await me(here.key), 401, 'unauthenticated');
    // As another isolate sees it: nobody tells this one.
    expect(await actorOf(elsewhere.id).revoke(who)).toMatchObject({ ok: true });
    vi.advanceTimersByTime(MAX_STALENESS_MS - 1);
    expect((await me(elsewhere.key)).status).toBe(200);
    vi.advanceTimersByTime(1);
    await expectProblem(await me(elsewhere.key), 401, 'unauthenticated');
    expect(await list(token)).toEqual([]);
    const again = await ask(`/api/v1/keys/${here.id}`, { method: 'DELETE', token });
    await expectProblem(again, 404, 'not-found');
  });

  it('once revoked says nothing of whose it was, and is no good whatever is stored of it', async () => {
    const who = newUser();
    const { id, key } = await newKey(await tokenFor(who), ['sessions:read']);
    const hash = parseApiKey(key)?.hash ?? '';
    expect(await actorOf(id).verify(hash, null)).not.toBeNull();
    await actorOf(id).revoke(who);
    await runInDurableObject(actorOf(id), (_key, { storage }) => {
      const stored = JSON.stringify(storage.sql.exec('SELECT * FROM key').toArray());
      for (const text of [hash, who.userId]) expect(stored).not.toContain(text);
      // Earlier releases left the hash.
      storage.sql.exec('UPDATE key SET hash = ?', hash);
    });
    await evictDurableObject(actorOf(id));
    expect(await actorOf(id).verify(hash, null)).toBeNull();
  });

  it('ends when it was said to end, to the millisecond', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const token = await tokenFor(newUser());
    const body = { name: 'short', scopes: ['sessions:read'], expiresInMs: 60_000 };
    const made = await ask('/api/v1/keys', { method: 'POST', token, body });
    const { id, key } = z.object({ id: z.string(), key: z.string() }).parse(await made.json());
    // The gateway sees to it by what it knows, and so does the key's own actor.
    const verified = () => actorOf(id).verify(parseApiKey(key)?.hash ?? '', null);
    vi.advanceTimersByTime(59_999);
    expect((await me(key)).status).toBe(200);
    expect(await verified()).not.toBeNull();
    vi.advanceTimersByTime(1);
    await expectProblem(await me(key), 401, 'unauthenticated');
    expect(await verified()).toBeNull();
  });

  it('is of one workspace, and of no more than its owner may do there', async () => {
    const team = await PlayedTeam.create();
    const person = await team.join('member');
    const { key, workspaceId } = await newKey(
      person.token,
      ['sessions:read', 'sessions:write', 'workspace:read'],
      {
        'alex-workspace': team.id,
      },
    );
    expect(workspaceId).toBe(team.id);
    expect((await ask(`/api/v1/workspaces/${team.id}`, { token: key })).status).toBe(200);
    const own = person.who.userId;
    await expectProblem(await ask(`/api/v1/workspaces/${own}`, { token: key }), 404, 'not-found');
    await expectProblem(await me(key, { 'alex-workspace': own }), 404, 'not-found');
    const create = () => ask('/api/v1/sessions', { method: 'POST', token: key, body: {} });
    expect((await create()).status).toBe(201);
    await team.ask('PUT', `/members/${own}`, { body: { role: 'viewer' } });
    await expectProblem(await create(), 403, 'forbidden');
    await team.ask('DELETE', `/members/${own}`);
    await expectProblem(await create(), 404, 'not-found');
  });

  it('does not reach sessions of other workspaces that are shared with its owner', async () => {
    const session = await PlayedSession.create();
    const { token } = await session.member('editor');
    const { key } = await newKey(token, ['sessions:read']);
    expect((await ask(`/api/v1/sessions/${session.id}`, { token })).status).toBe(200);
    await expectProblem(await ask(`/api/v1/sessions/${session.id}`, { token: key }), 404, 'not-found');
  });

  it('without the scope to type gets tickets that only watch', async () => {
    const session = await PlayedSession.create();
    const { key } = await newKey(session.token, ['sessions:read']);
    expect((await session.view(undefined, { token: key })).role).toBe('viewer');
    const asked = { method: 'POST', token: key, body: { role: 'editor' } };
    await expectProblem(await ask(`/api/v1/sessions/${session.id}/tickets`, asked), 403, 'forbidden');
    const typist = await newKey(session.token, ['sessions:read', 'terminals:write']);
    expect((await session.view(undefined, { token: typist.key })).role).toBe('owner');
  });

  it('of somebody else cannot be told from one that is not there', async () => {
    const [token, other] = [await tokenFor(newUser()), await tokenFor(newUser())];
    const { id } = await newKey(token, ['sessions:read']);
    const remove = async (keyId: string) => {
      const answer = await ask(`/api/v1/keys/${keyId}`, { method: 'DELETE', token: other });
      const { requestId: _id, ...problem } = await expectProblem(answer, 404, 'not-found');
      return problem;
    };
    expect(await remove(id)).toEqual(await remove(drawApiKey().id));
  });
});

describe('making keys', () => {
  it('is in the audit log, and so is revoking', async () => {
    const who = newUser();
    const token = await tokenFor(who);
    const { id } = await newKey(token, ['sessions:read']);
    await ask(`/api/v1/keys/${id}`, { method: 'DELETE', token });
    await vi.waitFor(async () => {
      const rows = (await auditRows(who.userId)).filter(({ target }) => target.kind === 'key');
      expect(rows.map(({ action, target }) => [action, target.id])).toEqual([
        ['key.create', id],
        ['key.revoke', id],
      ]);
    }, 5_000);
  });

  it('has limits: how many, which scopes, which names', async () => {
    const token = await tokenFor(newUser());
    const make = (body: unknown) => ask('/api/v1/keys', { method: 'POST', token, body });
    for (const body of [
      {},
      { name: 'x', scopes: [] },
      { name: 'x', scopes: ['everything'] },
      { name: 'a\u001bb', scopes: ['sessions:read'] },
      { name: 'x', scopes: ['sessions:read'], expiresInMs: 1 },
    ])
      await expectProblem(await make(body), 400, 'invalid-request');
    await expectProblem(await make({ name: 'x', scopes: ['operator'] }), 403, 'forbidden');
    const good = { name: 'x', scopes: ['sessions:read'] };
    for (let made = 0; made < MAX_API_KEYS; made += 1) expect((await make(good)).status).toBe(201);
    await expectProblem(await make(good), 409, 'limit-exceeded');
  });

  it('stores nothing for ids that are guessed, and holds up who guesses', async () => {
    const from = { 'cf-connecting-ip': '203.0.113.9' };
    const guesses = Array.from({ length: 10 }, () => drawApiKey());
    for (const { key } of guesses) await expectProblem(await me(key, from), 401, 'unauthenticated');
    const held = await me(drawApiKey().key, from);
    expect(held.headers.get('retry-after')).toBe('10');
    await expectProblem(held, 429, 'rate-limited');
    const tables = await runInDurableObject(actorOf(guesses[0]?.id ?? ''), (_key, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'").toArray(),
    );
    expect(tables).toEqual([]);
    await expectProblem(
      await me(drawApiKey().key, { 'cf-connecting-ip': '203.0.113.10' }),
      401,
      'unauthenticated',
    );
    // Whoever has one address of IPv6 has 2^64 of them.
    const next = (n: number) => ({ 'cf-connecting-ip': `2001:db8:9:9::${n.toString(16)}` });
    const statuses: number[] = [];
    for (let n = 1; n <= 11; n += 1) statuses.push((await me(drawApiKey().key, next(n))).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    // A key that is known to be good here is not held up.
    const { key } = await newKey(await tokenFor(newUser()), ['sessions:read']);
    await known.keys.get(`${parseApiKey(key)?.id}\n${parseApiKey(key)?.hash}\n203.0.113.0/24`, () =>
      actorOf(parseApiKey(key)?.id ?? '').verify(parseApiKey(key)?.hash ?? '', '203.0.113.0/24'),
    );
    expect((await me(key, from)).status).toBe(200);
  });

  it('tells a use from a new network from the first', async () => {
    const { id, key } = await newKey(await tokenFor(newUser()), ['sessions:read']);
    const hash = parseApiKey(key)?.hash ?? '';
    const isNew = async (network: string | null) => (await actorOf(id).verify(hash, network))?.newNetwork;
    expect([await isNew('192.0.2.0/24'), await isNew('192.0.2.0/24')]).toEqual([false, false]);
    expect([await isNew('198.51.100.0/24'), await isNew(null)]).toEqual([true, false]);
  });
});
