import { env, runDurableObjectAlarm } from 'cloudflare:test';
import fc from 'fast-check';
import { decodeJwt } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { answerPoll, DEVICE_CODE_TTL_MS, type DeviceCode, newDeviceCode } from '../device-code-do/poll.ts';
import { newUserCode, parseUserCode } from '../device-code-do/user-code.ts';
import { sha256 } from '../shared/ids.ts';
import { MAX_CODE_ATTEMPTS } from '../user-do/attempts.ts';
import { auditRows } from '../testing/audit.ts';
import { type Ask, ask, expectProblem, newUser, ORIGIN, tokenFor } from '../testing/api.ts';

const Codes = z.object({
  ...{ deviceCode: z.string(), userCode: z.string(), verificationUriComplete: z.url() },
  ...{ expiresInS: z.int(), intervalS: z.int() },
});
const at = (path: string, options: Ask = {}) => ask(`/api/v1/auth/${path}`, { method: 'POST', ...options });
const redeem = (deviceCode: string, headers = {}) => at('device-tokens', { body: { deviceCode }, headers });
const decide = (userCode: string, approve: boolean, token: string) =>
  at(`device-codes/${userCode}`, { token, body: { approve } });
const look = (userCode: string, token: string) => ask(`/api/v1/auth/device-codes/${userCode}`, { token });

async function begin(label = 'build machine') {
  const response = await at('device-codes', { body: { label } });
  expect(response.status).toBe(200);
  return Codes.parse(await response.json());
}

function passTime(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
}
// A minute between tests, so that they do not use up what one address may begin.
beforeEach(() => passTime(60_000));
afterEach(() => {
  vi.useRealTimers();
});

describe('a program that wants to sign in', () => {
  it('waits, is let in by a person who saw what it is, and gets its tokens once', async () => {
    const who = newUser();
    const token = await tokenFor(who);
    const { deviceCode, userCode, verificationUriComplete } = await begin();
    expect(verificationUriComplete).toBe(`${ORIGIN}/device?code=${userCode}`);
    const pending = await redeem(deviceCode);
    expect(pending.headers.get('retry-after')).toBe('5');
    await expectProblem(pending, 400, 'authorization-pending');
    expect(await (await look(userCode.toLowerCase().replace('-', ' '), token)).json()).toMatchObject({
      ...{ userCode, label: 'build machine' },
    });
    expect((await decide(userCode, true, token)).status).toBe(204);
    const granted = await redeem(deviceCode);
    const Tokens = z.object({ accessToken: z.string(), refreshToken: z.string(), user: z.looseObject({}) });
    const tokens = Tokens.parse(await granted.json());
    expect(tokens.user).toMatchObject({ userId: who.userId });
    const devices = await (await ask('/api/v1/auth/devices', { token: tokens.accessToken })).text();
    expect(devices).toContain('build machine');
    await expectProblem(await redeem(deviceCode), 400, 'expired-token');
    await expectProblem(await decide(userCode, true, token), 404, 'not-found');
  });

  it('has no fresher sign-in than whoever let it in', async () => {
    const { deviceCode, userCode } = await begin();
    await decide(userCode, true, await tokenFor(newUser()));
    const { accessToken } = z
      .object({ accessToken: z.string() })
      .parse(await (await redeem(deviceCode)).json());
    expect(decodeJwt(accessToken)['auth_time']).toBe(0);
  });

  it('is told when it is refused, asks too often, or waits too long', async () => {
    const token = await tokenFor(newUser());
    const refused = await begin();
    expect((await decide(refused.userCode, false, token)).status).toBe(204);
    await expectProblem(await redeem(refused.deviceCode), 403, 'access-denied');
    const hasty = await begin();
    await redeem(hasty.deviceCode);
    const again = await redeem(hasty.deviceCode);
    expect(again.headers.get('retry-after')).toBe('10');
    await expectProblem(again, 400, 'slow-down');
    passTime(DEVICE_CODE_TTL_MS);
    await expectProblem(await redeem(hasty.deviceCode), 400, 'expired-token');
    await expectProblem(await decide(hasty.userCode, true, token), 404, 'not-found');
  });

  it('needs its own secret, and is no page', async () => {
    const token = await tokenFor(newUser());
    const { deviceCode, userCode } = await begin();
    await decide(userCode, true, token);
    const [head, code] = deviceCode.split('.');
    for (const forged of [`${head}.${code}.${'A'.repeat(43)}`, 'nonsense', ''])
      await expectProblem(await redeem(forged), 400, 'expired-token');
    await expectProblem(await redeem(deviceCode, { origin: ORIGIN }), 403, 'forbidden');
    await expectProblem(
      await at('device-codes', { body: {}, headers: { origin: ORIGIN } }),
      403,
      'forbidden',
    );
    expect((await redeem(deviceCode)).status).toBe(200);
  });

  it('leaves nothing behind but the word of who decided', async () => {
    const who = newUser();
    const { userCode, deviceCode } = await begin();
    await decide(userCode, true, await tokenFor(who));
    const actor = env.DEVICE_CODES.get(env.DEVICE_CODES.idFromName(await sha256(userCode)));
    passTime(1_000);
    await runDurableObjectAlarm(actor);
    expect((await auditRows(who.workspaceId)).map(({ action }) => action)).toContain('auth.device');
    passTime(DEVICE_CODE_TTL_MS + 1);
    await runDurableObjectAlarm(actor);
    expect(await actor.look()).toBeNull();
    await expectProblem(await redeem(deviceCode), 400, 'expired-token');
    expect(await actor.begin({ secretHash: 'x', label: '', userAgent: '', address: '' })).toBe(true);
  });
});

describe('guessing', () => {
  it('of user codes ends soon', async () => {
    const who = newUser();
    const token = await tokenFor(who);
    for (let n = 0; n < MAX_CODE_ATTEMPTS; n += 1)
      await expectProblem(await look('BCDF-GHJK', token), 404, 'not-found');
    await expectProblem(await look('BCDF-GHJK', token), 429, 'rate-limited');
    await expectProblem(await decide((await begin()).userCode, true, token), 429, 'rate-limited');
    passTime(11 * 60_000);
    await expectProblem(await look('BCDF-GHJK', await tokenFor(who)), 404, 'not-found');
  });

  it('asking for codes without end is refused', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 40; n += 1) statuses.push((await at('device-codes', { body: {} })).status);
    expect(statuses.at(-1)).toBe(429);
  });

  it('is counted by network where addresses cost nothing', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 30; n += 1) {
      const headers = { 'cf-connecting-ip': `2001:db8:7:7::${n.toString(16)}` };
      statuses.push((await at('device-codes', { body: {}, headers })).status);
    }
    expect(statuses.at(-1)).toBe(429);
    const headers = { 'cf-connecting-ip': '2001:db8:7:8::1' };
    expect((await at('device-codes', { body: {}, headers })).status).toBe(200);
  });
});

describe('a user code', () => {
  it('is read however it is typed', () => {
    for (let n = 0; n < 200; n += 1)
      expect(newUserCode()).toMatch(/^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/);
    expect(parseUserCode(' bcdf ghjk')).toBe('BCDF-GHJK');
    for (const text of ['', 'BCDF-GHJ', 'BCDF-GHJA', 'BCDFGHJKL', '../../etc', 'x'.repeat(50)])
      expect(parseUserCode(text)).toBeNull();
  });
});

describe('however it is polled and decided', () => {
  const request = { secretHash: 'right', label: '', userAgent: '', address: '' };
  const by = { userId: 'ada', displayName: 'Ada', workspaceId: 'ada', authenticatedAtMs: 0 };
  const step = fc.oneof(
    fc.record({ kind: fc.constant('poll' as const), secret: fc.constantFrom('right', 'wrong') }),
    fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 5_000, 60_000, DEVICE_CODE_TTL_MS),
    }),
    fc.record({ kind: fc.constant('decide' as const), approve: fc.boolean() }),
  );

  it('tokens are given at most once, after an approval, in time, to who has the secret', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let nowMs = 0;
        let code: DeviceCode = newDeviceCode(request, nowMs);
        let approved = 0;
        let given = 0;
        for (const each of steps) {
          if (each.kind === 'wait') nowMs += each.ms;
          if (each.kind === 'decide' && code.state === 'pending' && nowMs < code.expiresAtMs) {
            code = each.approve ? { ...code, state: 'approved', by } : { ...code, state: 'denied' };
            approved += Number(each.approve);
          }
          if (each.kind !== 'poll') continue;
          const { answer, next } = answerPoll(code, each.secret, nowMs);
          if (answer.state === 'approved') {
            given += 1;
            expect([each.secret, nowMs < DEVICE_CODE_TTL_MS]).toEqual(['right', true]);
          }
          code = next;
        }
        expect(given).toBeLessThanOrEqual(approved);
        expect(given).toBeLessThanOrEqual(1);
      }),
    );
  });
});
