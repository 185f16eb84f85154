import { env, runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DirectoryOutbox } from '../shared/directory/outbox.ts';
import type { DirectorySession } from '../shared/directory/sessions.ts';
import { randomId } from '../shared/ids.ts';
import { ask, createSession, newUser, tokenFor } from '../testing/api.ts';
import { type QuotaLimits, quotaLimits } from './quota-limits.ts';
import { QuotaRows } from './quota-rows.ts';
import { Quotas, SESSION_RESERVATION_MS, SPEND_RESERVATION_MS } from './quotas.ts';
import { splitByDay } from './usage-days.ts';

const HOUR_MS = 3_600_000;
const START = Date.parse('2026-11-25T12:00:00Z');
const IDLE = { cpuMs: 0, diskBytes: 0 };
const limits = (more: Partial<QuotaLimits> = {}): QuotaLimits => ({
  ...{ userSessions: 2, workspaceSessions: 3, storageBytes: null, usdPerMonth: null, sandboxUsdPerHour: 0 },
  ...more,
});

/** Runs in an actor nobody else uses. A second call of `open` is what a restarted actor finds. */
const withQuotas = (given: QuotaLimits, run: (open: () => Quotas) => void): Promise<void> =>
  runInDurableObject(env.USERS.get(env.USERS.idFromName(randomId(12))), (_actor, { storage }) => {
    run(() => new Quotas(new QuotaRows(storage.sql), given, new DirectoryOutbox(storage.sql, {}), () => 'w'));
  });
const session = (id: string, status = 'idle', deletedAt: string | null = null): DirectorySession => ({
  ...{ id, status, deletedAt, ownerId: 'ada', workspaceId: 'w', region: 'local' },
  ...{ createdAt: '2026-11-25T12:00:00.000Z', lastAccessedAt: '2026-11-25T12:00:00.000Z' },
});

describe('room for sessions', () => {
  it('is limited for each user and for all, and free again when one is deleted', () =>
    withQuotas(limits(), (open) => {
      const quotas = open();
      const reserve = (user: string, id: string) => quotas.reserveSession(user, id, START).ok;
      expect([reserve('ada', '1'), reserve('ada', '2'), reserve('ada', '3')]).toEqual([true, true, false]);
      expect([reserve('bob', '4'), reserve('bob', '5')]).toEqual([true, false]);
      // Asked again, as after a lost answer.
      expect(reserve('ada', '1')).toBe(true);
      quotas.told(session('1', 'idle', '2026-11-25T12:00:01.000Z'), IDLE, START);
      expect(reserve('ada', '3')).toBe(true);
      const refused = quotas.reserveSession('ada', '6', START);
      expect(refused).toMatchObject({ ok: false, code: 'limit-exceeded' });
    }));

  it('comes right by itself when what it was reserved for was never made', () =>
    withQuotas(limits({ userSessions: 1 }), (open) => {
      expect(open().reserveSession('ada', 'lost', START).ok).toBe(true);
      const later = START + SESSION_RESERVATION_MS;
      expect(open().reserveSession('ada', 'next', later - 1).ok).toBe(false);
      expect(open().reserveSession('ada', 'next', later).ok).toBe(true);
      // One that told of itself after all counts again, and for good.
      open().told(session('lost'), IDLE, later + 1);
      open().told(session('next'), IDLE, later + 1);
      expect(open().usage('ada', later + 10 * SESSION_RESERVATION_MS).used.userSessions).toBe(2);
    }));

  it('is none where the storage is full', () =>
    withQuotas(limits({ storageBytes: 1_000 }), (open) => {
      const quotas = open();
      quotas.told(session('1'), { cpuMs: 0, diskBytes: 1_000 }, START);
      expect(quotas.reserveSession('ada', '2', START)).toMatchObject({ ok: false, code: 'limit-exceeded' });
      quotas.told(session('1'), { cpuMs: 0, diskBytes: 999 }, START);
      expect(quotas.reserveSession('ada', '2', START).ok).toBe(true);
    }));
});

describe('what is used', () => {
  it('counts sandbox time by day from what sessions tell, also of one that still runs', () =>
    withQuotas(limits({ sandboxUsdPerHour: 2 }), (open) => {
      const night = Date.parse('2026-11-30T23:00:00Z');
      open().told(session('1', 'running'), IDLE, night);
      expect(open().usage('ada', night + HOUR_MS / 2).used).toMatchObject({
        sandboxMs: HOUR_MS / 2,
        spendUsd: 1,
      });
      // Two hours, one of them in December.
      open().told(session('1', 'suspended'), { cpuMs: 700, diskBytes: 5 }, night + 2 * HOUR_MS);
      const used = open().usage('ada', night + 5 * HOUR_MS);
      expect(used).toMatchObject({ month: '2026-12', used: { sandboxMs: HOUR_MS, spendUsd: 2, cpuMs: 700 } });
      // Another sandbox of the session counts its CPU time from nothing.
      open().told(session('1', 'suspended'), { cpuMs: 300, diskBytes: 5 }, night + 6 * HOUR_MS);
      expect(open().usage('ada', night + 6 * HOUR_MS).used.cpuMs).toBe(1_000);
    }));

  it('is told of whoever asks and of all, with when the month ends', () =>
    withQuotas(limits({ sandboxUsdPerHour: 2 }), (open) => {
      open().told(session('1', 'running'), { cpuMs: 0, diskBytes: 5 }, START);
      open().told(
        { ...session('2', 'running'), ownerId: 'bob' },
        { cpuMs: 0, diskBytes: 7 },
        START + HOUR_MS,
      );
      open().told(session('1', 'suspended'), { cpuMs: 300, diskBytes: 6 }, START + 2 * HOUR_MS);
      const { used, own, resetsAt } = open().usage('bob', START + 2 * HOUR_MS);
      expect(used).toMatchObject({ storageBytes: 13, sandboxMs: 3 * HOUR_MS, cpuMs: 300, spendUsd: 6 });
      expect(own).toEqual({ storageBytes: 7, sandboxMs: HOUR_MS, cpuMs: 0, spendUsd: 2 });
      expect(resetsAt).toBe('2026-12-01T00:00:00.000Z');
      expect(open().usage('eve', START).own.storageBytes).toBe(0);
    }));

  it('splits time by day', () => {
    expect(splitByDay(Date.parse('2026-11-30T23:59:00Z'), Date.parse('2026-12-02T00:01:00Z'))).toEqual([
      { day: '2026-11-30', ms: 60_000 },
      { day: '2026-12-01', ms: 24 * HOUR_MS },
      { day: '2026-12-02', ms: 60_000 },
    ]);
    expect(splitByDay(5, 5)).toEqual([]);
    expect(splitByDay(6, 5)).toEqual([]);
  });

  it('is in the API, for members of the workspace', async () => {
    const token = await tokenFor(newUser());
    await createSession(token);
    const answer = await ask('/api/v1/usage', { token });
    const Usage = z.object({
      limits: z.object({ userSessions: z.int() }),
      used: z.object({ userSessions: z.int() }),
    });
    const { limits: there, used } = Usage.parse(await answer.json());
    expect(used.userSessions).toBe(1);
    expect(there.userSessions).toBe(quotaLimits(env).userSessions);
  });
});

describe('spend', () => {
  it('is set aside before and settled after, within the month', () =>
    withQuotas(limits({ usdPerMonth: 10 }), (open) => {
      const reserve = (id: string, usd: number, atMs = START) => open().reserveSpend(id, usd, atMs).ok;
      expect([reserve('a', 6), reserve('b', 6), reserve('b', 4)]).toEqual([true, false, true]);
      open().settleSpend('a', { sessionId: '1', userId: 'ada', usd: 1 }, START);
      expect([reserve('c', 6), reserve('c', 5)]).toEqual([false, true]);
      open().settleSpend('b', { sessionId: '1', userId: 'ada', usd: 0 }, START);
      expect(open().usage('ada', START).used.spendUsd).toBe(1);
      // What nobody settled is free again, and the next month begins at nothing.
      expect(reserve('d', 9, START + SPEND_RESERVATION_MS)).toBe(true);
      expect(reserve('e', 10, Date.parse('2026-12-01T00:00:00Z'))).toBe(true);
    }));

  it('that is used up lets no new session in', () =>
    withQuotas(limits({ usdPerMonth: 4, sandboxUsdPerHour: 2 }), (open) => {
      open().told(session('1', 'running'), IDLE, START);
      expect(open().reserveSession('ada', '2', START + 2 * HOUR_MS - 1).ok).toBe(true);
      expect(open().reserveSession('ada', '3', START + 2 * HOUR_MS)).toMatchObject({
        code: 'limit-exceeded',
      });
    }));
});
