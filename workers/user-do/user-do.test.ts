import { env, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { newSessionId, randomId } from '../shared/ids.ts';
import type { SessionIndexRow } from '../shared/rpc.ts';
import { ConfiguredKek } from '../shared/vault/configured-kek.ts';
import { VaultError } from '../shared/vault/vault-error.ts';
import { KEY_CARE_EVERY_MS } from '../shared/vault/vault-care.ts';
import { DATA_KEY_MAX_AGE_MS } from '../shared/vault/vault.ts';
import { dump } from '../testing/vault.ts';
import { IDEMPOTENCY_LEASE_MS, IDEMPOTENCY_TTL_MS, MAX_IDEMPOTENCY_KEYS } from './idempotency-keys.ts';

const newUserActor = () => env.USERS.get(env.USERS.idFromName(randomId(12)));
type UserActor = ReturnType<typeof newUserActor>;

const row = (createdAtMs: number, change: Partial<SessionIndexRow> = {}): SessionIndexRow => ({
  id: newSessionId(),
  name: 'x',
  status: 'idle',
  region: 'local',
  workspaceId: 'ws',
  listedIn: 'ws',
  role: 'owner',
  createdAt: new Date(createdAtMs).toISOString(),
  lastAccessedAt: new Date(createdAtMs).toISOString(),
  ...change,
});

async function page(actor: UserActor, limit: number, cursor?: string) {
  const outcome = await actor.listSessions({
    workspaceId: 'ws',
    limit,
    ...(cursor === undefined ? {} : { cursor }),
  });
  if (!outcome.ok) throw new Error(outcome.code);
  return outcome.value;
}

const count = (actor: UserActor, table: string) =>
  runInDurableObject(
    actor,
    (_user, state) => state.storage.sql.exec(`SELECT count(*) AS n FROM ${table}`).one()['n'],
  );

function passTime(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
}

afterEach(() => {
  vi.useRealTimers();
});

describe('the session list', () => {
  it('is newest first, also among sessions of the same millisecond, and survives eviction', async () => {
    const actor = newUserActor();
    const rows = [row(1_000), row(3_000), row(2_000), row(3_000), row(3_000)];
    for (const each of rows) await actor.putSession(each);
    await evictDurableObject(actor);
    const seen: SessionIndexRow[] = [];
    let cursor: string | undefined;
    do {
      const answer = await page(actor, 2, cursor);
      seen.push(...answer.sessions);
      cursor = answer.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(
      [...rows].sort((a, b) => (`${a.createdAt}${a.id}` < `${b.createdAt}${b.id}` ? 1 : -1)),
    );
  });

  it('neither repeats nor skips when sessions come and go between pages', async () => {
    const actor = newUserActor();
    const rows = [row(1_000), row(2_000), row(3_000), row(4_000)];
    for (const each of rows) await actor.putSession(each);
    const first = await page(actor, 2);
    await actor.putSession(row(9_000));
    await actor.removeSession(first.sessions[1]?.id ?? '');
    const second = await page(actor, 2, first.nextCursor ?? undefined);
    expect(second.sessions.map(({ createdAt }) => Date.parse(createdAt))).toEqual([2_000, 1_000]);
    expect(second.nextCursor).toBeNull();
  });

  it('updates a row in place and removes it for good', async () => {
    const actor = newUserActor();
    const first = row(1_000);
    await actor.putSession(first);
    await actor.putSession({ ...first, name: 'new', status: 'running' });
    expect((await page(actor, 5)).sessions).toEqual([{ ...first, name: 'new', status: 'running' }]);
    await actor.removeSession(first.id);
    expect((await page(actor, 5)).sessions).toEqual([]);
  });

  it.each([
    '',
    'x',
    '€',
    btoa('[]'),
    btoa('["2026-01-01T00:00:00.000Z"]'),
    btoa('["today","x"]'),
    'x'.repeat(300),
  ])('refuses the cursor %j', async (cursor) => {
    const outcome = await newUserActor().listSessions({ workspaceId: 'ws', limit: 5, cursor });
    expect(outcome).toMatchObject({ ok: false, code: 'invalid-request' });
  });
});

describe('idempotency keys', () => {
  it('are fresh once, pending until answered, then repeat the answer', async () => {
    const actor = newUserActor();
    expect(await actor.reserveIdempotencyKey('k', 'h', 'r1')).toEqual({ state: 'fresh', resourceId: 'r1' });
    expect(await actor.reserveIdempotencyKey('k', 'h', 'r2')).toEqual({ state: 'pending' });
    expect(await actor.reserveIdempotencyKey('k', 'other', 'r2')).toEqual({ state: 'mismatch' });
    await actor.completeIdempotencyKey('k', 201, '{}');
    expect(await actor.reserveIdempotencyKey('k', 'h', 'r2')).toEqual({
      state: 'done',
      status: 201,
      body: '{}',
    });
    await actor.releaseIdempotencyKey('k');
    expect(await actor.reserveIdempotencyKey('k', 'h', 'r2')).toMatchObject({ state: 'done' });
  });

  it('of a request that died are taken over with its resource', async () => {
    const actor = newUserActor();
    await actor.reserveIdempotencyKey('k', 'h', 'r1');
    passTime(IDEMPOTENCY_LEASE_MS + 1);
    expect(await actor.reserveIdempotencyKey('k', 'h', 'r2')).toEqual({ state: 'fresh', resourceId: 'r1' });
    expect(await actor.reserveIdempotencyKey('k', 'h', 'r3')).toEqual({ state: 'pending' });
  });

  it('start anew when released', async () => {
    const actor = newUserActor();
    await actor.reserveIdempotencyKey('k', 'h', 'r1');
    await actor.releaseIdempotencyKey('k');
    expect(await actor.reserveIdempotencyKey('k', 'other', 'r2')).toEqual({
      state: 'fresh',
      resourceId: 'r2',
    });
  });

  it('are swept by the alarm after a day', async () => {
    const actor = newUserActor();
    await actor.reserveIdempotencyKey('k', 'h', 'r1');
    await actor.completeIdempotencyKey('k', 201, '{}');
    passTime(IDEMPOTENCY_TTL_MS + 1);
    expect(await runDurableObjectAlarm(actor)).toBe(true);
    expect(await count(actor, 'idempotency_keys')).toBe(0);
    const nextMs = await runInDurableObject(actor, (_user, { storage }) => storage.getAlarm());
    expect(nextMs).toBeGreaterThan(Date.now() + KEY_CARE_EVERY_MS / 2);
  });

  it('are bounded: the oldest make room', async () => {
    const actor = newUserActor();
    await runInDurableObject(actor, (_user, state) => {
      state.storage.sql.exec(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
         INSERT INTO idempotency_keys (key, resourceId, leaseUntilMs, expiresAtMs)
         SELECT 'key-' || i, 'r', 0, ? + i FROM n`,
        MAX_IDEMPOTENCY_KEYS,
        Date.now() + 1_000_000,
      );
    });
    await actor.reserveIdempotencyKey('new', 'h', 'r');
    expect(await count(actor, 'idempotency_keys')).toBe(MAX_IDEMPOTENCY_KEYS);
    expect(await actor.reserveIdempotencyKey('key-1', 'other', 'r')).toMatchObject({ state: 'fresh' });
  });
});

describe('single-use tokens', () => {
  it('are spent once, also after eviction, and forgotten after they expired', async () => {
    const actor = newUserActor();
    const expiresAtMs = Date.now() + 1_000;
    expect(await actor.spendToken('jti', expiresAtMs)).toBe(true);
    expect(await actor.spendToken('jti', expiresAtMs)).toBe(false);
    await evictDurableObject(actor);
    expect(await actor.spendToken('jti', expiresAtMs)).toBe(false);
    passTime(120_000);
    expect(await runDurableObjectAlarm(actor)).toBe(true);
    expect(await count(actor, 'spent_tokens')).toBe(0);
  });
});

describe('encryption at rest', () => {
  const stored = (actor: UserActor) => runInDurableObject(actor, (_user, { storage }) => dump(storage.sql));

  it('seals the names of sessions, and what was asked and answered', async () => {
    const actor = newUserActor();
    await actor.putSession(row(1_000, { id: 'session-1', name: 'marker-name' }));
    await actor.reserveIdempotencyKey('key-1', 'marker-hash', 'r1');
    await actor.completeIdempotencyKey('key-1', 201, '{"name":"marker-body"}');
    const everything = await stored(actor);
    expect(everything).toContain('session-1');
    expect(everything).toContain('key-1');
    expect(everything).not.toContain('marker');
    await evictDurableObject(actor);
    expect((await page(actor, 1)).sessions[0]?.name).toBe('marker-name');
    expect(await actor.reserveIdempotencyKey('key-1', 'marker-hash', 'r2')).toMatchObject({
      body: '{"name":"marker-body"}',
    });
  });

  it('seals what an older version left in the clear', async () => {
    const actor = newUserActor();
    await runInDurableObject(actor, async (_user, { storage }) => {
      await storage.deleteAll();
      storage.sql.exec(
        `CREATE TABLE sessions (id TEXT PRIMARY KEY, name TEXT NOT NULL, status TEXT NOT NULL, region TEXT NOT NULL,
           createdAt TEXT NOT NULL, lastAccessedAt TEXT NOT NULL, workspaceId TEXT, listedIn TEXT, role TEXT);
         INSERT INTO sessions VALUES ('s', 'marker-name', 'idle', 'local', '2026-01-01T00:00:00Z', '', 'ws', 'ws', 'owner');
         CREATE TABLE idempotency_keys (
           key TEXT PRIMARY KEY, requestHash TEXT NOT NULL, resourceId TEXT NOT NULL, leaseUntilMs INTEGER NOT NULL,
           expiresAtMs INTEGER NOT NULL, status INTEGER, body TEXT);
         INSERT INTO idempotency_keys VALUES ('done', 'marker-hash', 'r', 0, 9e15, 201, 'marker-body'),
           ('pending', 'marker-hash', 'r', 9e15, 9e15, NULL, NULL)`,
      );
    });
    await evictDurableObject(actor);
    expect((await page(actor, 1)).sessions).toMatchObject([{ id: 's', name: 'marker-name' }]);
    const again = (key: string) => actor.reserveIdempotencyKey(key, 'marker-hash', 'other');
    expect(await again('done')).toEqual({ state: 'done', status: 201, body: 'marker-body' });
    expect(await again('pending')).toEqual({ state: 'pending' });
    expect(await stored(actor)).not.toContain('marker');
  });

  it('changes over to another data key in time, and loses nothing', async () => {
    const actor = newUserActor();
    await actor.putSession(row(1_000, { name: 'kept' }));
    await actor.reserveIdempotencyKey('k', 'h', 'r');
    const numbers = () =>
      runInDurableObject(actor, (_user, { storage }) =>
        storage.sql
          .exec('SELECT number FROM vault_keys')
          .toArray()
          .map(({ number }) => number),
      );
    passTime(DATA_KEY_MAX_AGE_MS + 1);
    // The old key stays while an idempotency key of before is there.
    await evictDurableObject(actor);
    expect((await page(actor, 1)).sessions[0]?.name).toBe('kept');
    expect(await numbers()).toEqual([1, 2]);
    await runInDurableObject(
      actor,
      (_user, { storage }) => void storage.sql.exec('DELETE FROM idempotency_keys'),
    );
    await evictDurableObject(actor);
    expect((await page(actor, 1)).sessions[0]?.name).toBe('kept');
    expect(await numbers()).toEqual([2]);
  });

  it('goes on without keys in all that needs none', async () => {
    const actor = newUserActor();
    await actor.putSession(row(1_000));
    const unwrap = vi.spyOn(ConfiguredKek.prototype, 'unwrap');
    unwrap.mockRejectedValue(new VaultError('kek-unknown', 'Put the key back.'));
    await evictDurableObject(actor);
    expect(await actor.spendToken('jti', Date.now())).toBe(true);
    await runInDurableObject(actor, async (user) => {
      await expect(user.listSessions({ workspaceId: 'ws', limit: 1 })).rejects.toThrow('vault/kek-unknown');
      await expect(user.putSession(row(2_000))).rejects.toThrow('vault/kek-unknown');
    });
    unwrap.mockRestore();
    await evictDurableObject(actor);
    expect((await page(actor, 5)).sessions).toHaveLength(1);
  });
});
