import { describe, expect, it } from 'vitest';
import {
  Admission,
  MAX_PENDING,
  MAX_PENDING_OF_NEW,
  MAX_RETRY_MS,
  MIN_RETRY_MS,
  TRANSIENT_MS,
} from './admission.ts';

const MAX = 20_000;

describe('admission', () => {
  it('lets sessions and viewers in up to three quarters, sockets and hosts further, and nobody to the end', () => {
    const admits = (descriptors: number, purpose: Parameters<Admission['ask']>[0]): boolean => {
      const admission = new Admission(() => 0.5);
      admission.read({ descriptors, maxDescriptors: MAX });
      return admission.ask(purpose, 0).admitted;
    };
    for (const purpose of ['session', 'ticket', 'socket', 'host'] as const) {
      expect(admits(0.74 * MAX, purpose)).toBe(true);
      expect(admits(0.76 * MAX, purpose)).toBe(purpose === 'socket' || purpose === 'host');
      expect(admits(0.94 * MAX, purpose)).toBe(false);
    }
  });

  it('does not count for good what those of the last seconds will give back', () => {
    const admission = new Admission(() => 0.5);
    for (let i = 0; i < 1_000; i += 1) {
      admission.ask('ticket', 0);
      admission.ask('socket', 0);
    }
    admission.read({ descriptors: 0.8 * MAX, maxDescriptors: MAX });
    expect(admission.ask('ticket', 1_000).admitted).toBe(true);
    expect(admission.ask('ticket', 2 * TRANSIENT_MS).admitted).toBe(false);
  });

  it('counts those of whom no reading tells yet', () => {
    const admission = new Admission(() => 0.5);
    admission.read({ descriptors: 0.7 * MAX, maxDescriptors: MAX });
    let admitted = 0;
    while (admission.ask('session', 0).admitted) admitted += 1;
    expect(admitted).toBeGreaterThan(100);
    expect(admitted).toBeLessThan(200);
  });

  it('gives a crowd so many tickets until their sockets come, and each of the others a time of its own', () => {
    const admission = new Admission(() => 0.5);
    for (let i = 0; i < MAX_PENDING; i += 1) expect(admission.ask('ticket', 0).admitted).toBe(true);
    const times = Array.from({ length: 100 }, () => retryOf(admission, 0));
    expect(new Set(times).size).toBe(times.length);
    expect(Math.min(...times)).toBeGreaterThan(MIN_RETRY_MS);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(admission.ask('session', 0).admitted).toBe(true);
    expect(admission.ask('socket', 0).admitted).toBe(true);
    expect(admission.ask('ticket', 0).admitted).toBe(true);
    retryOf(admission, 0);
    // Those never used do not count for long.
    expect(admission.ask('ticket', 2 * TRANSIENT_MS).admitted).toBe(true);
  });

  it('lets nobody who draws tickets for nothing keep others out', () => {
    const admission = new Admission(() => 0.5);
    let drawn = 0;
    while (admission.ask('ticket', 0, 'greedy').admitted) drawn += 1;
    expect(drawn).toBe(MAX_PENDING);
    for (let i = drawn; i < MAX_PENDING_OF_NEW; i += 1)
      expect(admission.ask('ticket', 0, `other ${i}`).admitted).toBe(true);
    expect(admission.ask('ticket', 0, 'one more').admitted).toBe(false);
  });

  it.each([
    [5_000, 250, 30],
    [5_000, 150, 45],
    [2_500, 250, 18],
  ])('takes %i back that come at once, at %i a second, within %i s', (count, perS, maxS) => {
    const { lastS, peak, asked } = comeBack(count, perS);
    expect(lastS).toBeLessThan(maxS);
    expect(peak).toBeLessThan(MAX);
    expect(asked / count).toBeLessThan(6);
  });
});

function retryOf(admission: Admission, nowMs: number): number {
  const verdict = admission.ask('ticket', nowMs);
  if (verdict.admitted) throw new Error('Admitted.');
  expect(verdict.retryAfterMs).toBeLessThanOrEqual(MAX_RETRY_MS);
  return verdict.retryAfterMs;
}

type Work = { kind: 'ticket' | 'socket'; client: number } | { kind: 'reading' };

/**
 * An edge that serves `perS` a second, sockets only when no ticket waits, and whose `count` clients all lost it.
 * Descriptors are as workerd takes them: 2 for a connection, from its coming on, and 3 for an awake actor.
 */
function comeBack(count: number, perS: number): { lastS: number; peak: number; asked: number } {
  const costMs = { ticket: 550 / perS, socket: 450 / perS, refusal: 60 / perS, reading: 0.1 };
  const [idleMs, awakeMs, readEveryMs, stepMs] = [4_500, 11_000, 250, 10];
  let seed = 1;
  const random = (): number => (seed = (seed * 48_271) % 0x7fffffff) / 0x7fffffff;
  const admission = new Admission(random);
  const tries = Array.from({ length: count }, () => random() * 2_000);
  const [queue, sockets]: [Work[], Work[]] = [[], []];
  /** Given back at these times, of requests and of actors. */
  const [requests, actors]: [number[], number[]] = [[], []];
  let [back, peak, asked, lastMs, readAtMs, reading, waiting] = [0, 0, 0, 0, -Infinity, false, 0];
  const open = (nowMs: number): number => {
    while ((requests[0] ?? Infinity) <= nowMs) requests.shift();
    while ((actors[0] ?? Infinity) <= nowMs) actors.shift();
    return 2 * (back + waiting + requests.length) + 3 * actors.length;
  };
  let serverMs = 0;
  for (let nowMs = 0; back < count && nowMs < 120_000; nowMs += stepMs) {
    for (const [client, atMs] of tries.entries()) {
      if (atMs > nowMs) continue;
      tries[client] = Infinity;
      queue.push({ kind: 'ticket', client });
      waiting += 1;
    }
    serverMs = Math.max(serverMs, nowMs);
    while (serverMs < nowMs + stepMs) {
      const work = queue.shift() ?? sockets.shift();
      if (work === undefined) break;
      if (work.kind === 'reading') {
        admission.read({ descriptors: open(serverMs), maxDescriptors: MAX });
        [reading, readAtMs] = [false, serverMs];
        serverMs += costMs.reading;
        continue;
      }
      if (!reading && serverMs - readAtMs > readEveryMs) {
        reading = true;
        queue.push({ kind: 'reading' });
      }
      const verdict = admission.ask(work.kind, serverMs);
      serverMs += verdict.admitted ? costMs[work.kind] : costMs.refusal;
      waiting -= 1;
      if (work.kind === 'socket') {
        expect(verdict.admitted).toBe(true);
        back += 1;
        lastMs = serverMs;
        continue;
      }
      asked += 1;
      requests.push(serverMs + idleMs);
      if (verdict.admitted) {
        actors.push(serverMs + awakeMs);
        sockets.push({ kind: 'socket', client: work.client });
        waiting += 1;
      } else {
        tries[work.client] = serverMs + Math.ceil(verdict.retryAfterMs / 1000) * 1000 + random() * 1_000;
      }
    }
    peak = Math.max(peak, open(nowMs));
  }
  return { lastS: back < count ? Infinity : lastMs / 1000, peak, asked };
}
