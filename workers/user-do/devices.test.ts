import { env, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DeviceGrant, RefreshAnswer, SignIn } from '../shared/devices-rpc.ts';
import { randomId } from '../shared/ids.ts';
import { parseRefreshToken, type RefreshTokenParts } from '../shared/refresh-token.ts';
import { type DeviceRow, Devices, MAX_DEVICES } from './devices.ts';
import { REFRESH_ABSOLUTE_MS, REFRESH_GRACE_MS, REFRESH_IDLE_MS } from './refresh-family.ts';

const FACTS = { userAgent: 'test', address: '192.0.2.1', requestId: 'request-1' };
const ADA = { userId: 'ada', displayName: 'Ada', workspaceId: 'ada' };
const DAY_MS = 24 * 3_600_000;
const newUserActor = () => env.USERS.get(env.USERS.idFromName(`user ${randomId(12)} é`));

const signIn = (change: Partial<SignIn> = {}): SignIn => ({
  ...{
    ...FACTS,
    label: 'Browser',
    method: 'link',
    displayName: 'Ada',
    workspaceId: 'ada',
    authenticatedAtMs: 1_000,
  },
  ...change,
});

function partsOf(grant: DeviceGrant | null): RefreshTokenParts {
  const parts = grant === null ? null : parseRefreshToken(grant.refreshToken);
  if (parts === null) throw new Error('not a refresh token');
  return parts;
}

/** Runs something on the devices of a user of its own, whose clock it has. Out: also every change that was told. */
function withDevices<T>(act: (devices: Devices, told: DeviceRow[]) => T): Promise<T> {
  return runInDurableObject(newUserActor(), (_user, state) => {
    const told: DeviceRow[] = [];
    return act(
      new Devices(
        state.storage.sql,
        () => 'ada',
        env.SIGNING_KEY,
        (row) => told.push(row),
      ),
      told,
    );
  });
}

/** What the bearer of a token is answered. */
const refresh = (devices: Devices, token: RefreshTokenParts, nowMs: number): RefreshAnswer =>
  devices.refresh(token, FACTS, nowMs).answer;

function passTime(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a refresh token', () => {
  it('is good once, for the next one', () =>
    withDevices((devices) => {
      const first = partsOf(devices.add(signIn(), 0));
      const answer = refresh(devices, first, 1_000);
      if (!answer.ok) throw new Error(answer.why);
      expect(answer.grant).toMatchObject({
        displayName: 'Ada',
        workspaceId: 'ada',
        authenticatedAtMs: 1_000,
      });
      const second = partsOf(answer.grant);
      expect([second.generation, second.deviceId]).toEqual([1, first.deviceId]);
      expect(second.secret).not.toBe(first.secret);
      expect(refresh(devices, second, 2_000).ok).toBe(true);
    }));

  it('that was just spent answers the same successor again, for a while, and then ends the device', () =>
    withDevices((devices, told) => {
      const first = partsOf(devices.add(signIn(), 0));
      const answer = refresh(devices, first, 1_000);
      expect(refresh(devices, first, 1_000 + REFRESH_GRACE_MS)).toEqual(answer);
      expect(refresh(devices, first, 1_001 + REFRESH_GRACE_MS)).toEqual({ ok: false, why: 'reuse' });
      expect(told.at(-1)).toMatchObject({ revokedWhy: 'reuse', revokedAtMs: 1_001 + REFRESH_GRACE_MS });
      if (!answer.ok) throw new Error(answer.why);
      expect(refresh(devices, partsOf(answer.grant), 40_000)).toEqual({ ok: false, why: 'gone' });
    }));

  it('that nobody was ever given ends nothing', () =>
    withDevices((devices) => {
      let token = partsOf(devices.add(signIn(), 0));
      for (let n = 1; n < 4; n += 1) {
        const answer = refresh(devices, token, n);
        if (!answer.ok) throw new Error(answer.why);
        token = partsOf(answer.grant);
      }
      const invented = { ...token, secret: 'A'.repeat(43) };
      for (const generation of [0, 1, 2, 3, 4, 99])
        expect(refresh(devices, { ...invented, generation }, 9)).toEqual({ ok: false, why: 'gone' });
      expect(refresh(devices, { ...token, deviceId: 'A'.repeat(22) }, 9)).toEqual({
        ok: false,
        why: 'gone',
      });
      expect(refresh(devices, token, 9).ok).toBe(true);
    }));

  it('ends when it is not used, and some day in any case', () =>
    withDevices((devices) => {
      const idle = partsOf(devices.add(signIn(), 0));
      expect(refresh(devices, idle, REFRESH_IDLE_MS)).toEqual({ ok: false, why: 'gone' });
      let token = partsOf(devices.add(signIn(), 0));
      for (let atMs = DAY_MS; atMs < REFRESH_ABSOLUTE_MS; atMs += DAY_MS) {
        const answer = refresh(devices, token, atMs);
        if (!answer.ok) throw new Error(`${answer.why} at ${atMs}`);
        expect(answer.grant.refreshExpiresAtMs).toBeLessThanOrEqual(REFRESH_ABSOLUTE_MS);
        token = partsOf(answer.grant);
      }
      expect(refresh(devices, token, REFRESH_ABSOLUTE_MS)).toEqual({ ok: false, why: 'gone' });
    }));

  it('outlives a change of the configured key; what was spent before is then just no good', () =>
    runInDurableObject(newUserActor(), (_user, state) => {
      const by = (key: string) =>
        new Devices(
          state.storage.sql,
          () => 'ada',
          key,
          () => undefined,
        );
      const first = partsOf(by('before').add(signIn(), 0));
      const second = refresh(by('before'), first, 1);
      if (!second.ok) throw new Error(second.why);
      expect(refresh(by('after'), first, 2)).toEqual({ ok: false, why: 'gone' });
      const third = refresh(by('after'), partsOf(second.grant), 3);
      if (!third.ok) throw new Error(third.why);
      expect(refresh(by('after'), partsOf(second.grant), 4)).toEqual(third);
      expect(refresh(by('after'), partsOf(third.grant), 5).ok).toBe(true);
      expect(refresh(by('after'), first, 6)).toEqual({ ok: false, why: 'gone' });
    }));

  it('is in no row of the store', () =>
    runInDurableObject(newUserActor(), async (user, state) => {
      const grant = await user.signIn(signIn());
      const { deviceId, secret, generation } = partsOf(grant);
      const answer = await user.refreshDevice({ deviceId, secret, generation }, FACTS);
      if (!answer.ok) throw new Error(answer.why);
      const rows = JSON.stringify(state.storage.sql.exec('SELECT * FROM devices').toArray());
      expect(rows).toContain(deviceId);
      expect(rows).not.toContain(secret);
      expect(rows).not.toContain(partsOf(answer.grant).secret);
    }));
});

/** One step of a history: time passes, or somebody who holds a token uses it and may lose the answer. */
type Step =
  { kind: 'wait'; ms: number } | { kind: 'use'; who: 'owner' | 'thief'; lost: boolean } | { kind: 'steal' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('wait' as const),
    ms: fc.constantFrom(1, 10_000, REFRESH_GRACE_MS, 600_000),
  }),
  fc.record({
    kind: fc.constant('use' as const),
    who: fc.constantFrom('owner' as const, 'thief' as const),
    lost: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('steal' as const) }),
);

describe('whatever is used, retried and stolen in whatever order', () => {
  it('no two live on from one token: an old one is answered with its one successor, or ends all', () =>
    withDevices((devices) => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
          let nowMs = 0;
          const first = partsOf(devices.add(signIn(), nowMs));
          const holds: Record<'owner' | 'thief', RefreshTokenParts | null> = { owner: first, thief: null };
          let newest = { generation: 0, sinceMs: 0 };
          let ended = false;
          for (const each of steps) {
            if (each.kind === 'wait') nowMs += each.ms;
            if (each.kind === 'steal') holds.thief = holds.owner;
            const token = each.kind === 'use' ? holds[each.who] : null;
            if (each.kind !== 'use' || token === null) continue;
            const behind = newest.generation - token.generation;
            const answer = refresh(devices, token, nowMs);
            if (ended) {
              expect(answer).toEqual({ ok: false, why: 'gone' });
            } else if (behind === 0) {
              newest = { generation: token.generation + 1, sinceMs: nowMs };
              expect(answer.ok && partsOf(answer.grant).generation).toBe(newest.generation);
            } else if (behind === 1 && nowMs - newest.sinceMs <= REFRESH_GRACE_MS) {
              expect(answer.ok && partsOf(answer.grant).generation).toBe(newest.generation);
            } else {
              expect(answer).toEqual({ ok: false, why: 'reuse' });
              ended = true;
            }
            if (answer.ok && !each.lost) holds[each.who] = partsOf(answer.grant);
          }
        }),
        { numRuns: 300 },
      );
    }));

  it('somebody alone who retries lost answers in time stays signed in', () =>
    withDevices((devices) => {
      const honest = fc.array(
        fc.record({ waitMs: fc.integer({ min: 0, max: DAY_MS }), losses: fc.integer({ min: 0, max: 3 }) }),
        { maxLength: 30 },
      );
      fc.assert(
        fc.property(honest, (uses) => {
          let nowMs = 0;
          let token = partsOf(devices.add(signIn(), nowMs));
          for (const { waitMs, losses } of uses) {
            nowMs += waitMs;
            for (let n = 0; n < losses; n += 1) {
              expect(refresh(devices, token, nowMs).ok).toBe(true);
              nowMs += REFRESH_GRACE_MS / 4;
            }
            const answer = refresh(devices, token, nowMs);
            if (!answer.ok) throw new Error(answer.why);
            token = partsOf(answer.grant);
          }
        }),
        { numRuns: 100 },
      );
    }));
});

describe('the devices of a user', () => {
  it('are listed, the last used first, and ended one by one or all at once', async () => {
    const actor = newUserActor();
    const first = partsOf(await actor.signIn(signIn({ label: 'first' })));
    passTime(1_000);
    const second = partsOf(await actor.signIn(signIn({ label: 'second' })));
    passTime(1_000);
    await actor.refreshDevice(first, { ...FACTS, userAgent: 'newer', address: '192.0.2.2' });
    const listed = await actor.listDevices();
    expect(listed.map(({ label }) => label)).toEqual(['first', 'second']);
    expect(listed[0]).toMatchObject({ id: first.deviceId, userAgent: 'newer', address: '192.0.2.2' });
    expect(await actor.endDevice(ADA, first.deviceId, 'revoked')).toEqual({ providerId: null });
    expect(await actor.endDevice(ADA, first.deviceId, 'revoked')).toBeNull();
    expect(await actor.credentialState(first.deviceId)).toBe('ended');
    expect(await actor.credentialState(second.deviceId)).toBe('active');
    expect(await actor.credentialState('none')).toBe('ended');
    await evictDurableObject(actor);
    expect(await actor.endAllDevices(ADA, 'signed-out-everywhere')).toEqual([second.deviceId]);
    expect(await actor.listDevices()).toEqual([]);
  });

  it('are bounded: the one used longest ago makes room', () =>
    withDevices((devices) => {
      for (let n = 0; n <= MAX_DEVICES; n += 1) devices.add(signIn({ label: `device ${n}` }), n);
      const labels = devices.list(1_000).map(({ label }) => label);
      expect(labels).toHaveLength(MAX_DEVICES);
      expect(labels).not.toContain('device 0');
    }));

  it('are forgotten a while after they ended, by the alarm, and a woken actor knows whose they are', async () => {
    const actor = newUserActor();
    const kept = partsOf(await actor.signIn(signIn()));
    const ended = partsOf(await actor.signIn(signIn()));
    await actor.endDevice(ADA, ended.deviceId, 'revoked');
    await evictDurableObject(actor);
    passTime(8 * DAY_MS);
    expect(await runDurableObjectAlarm(actor)).toBe(true);
    const count = await runInDurableObject(
      actor,
      (_user, state) => state.storage.sql.exec('SELECT count(*) AS n FROM devices').one()['n'],
    );
    expect(count).toBe(1);
    expect((await actor.refreshDevice(kept, FACTS)).ok).toBe(true);
  });

  it('a link is spent with the sign-in, once', async () => {
    const actor = newUserActor();
    const singleUse = { jti: randomId(16), expiresAtMs: Date.now() + 60_000 };
    const answers = await Promise.all(Array.from({ length: 5 }, () => actor.signIn(signIn({ singleUse }))));
    expect(answers.filter((answer) => answer !== null)).toHaveLength(1);
    expect(await actor.listDevices()).toHaveLength(1);
  });
});
