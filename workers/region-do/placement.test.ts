import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, rankHosts } from './placement.ts';

const host = (hostId: string, change: Partial<Candidate> = {}): Candidate => ({
  hostId,
  healthy: true,
  draining: false,
  sessions: 0,
  capacity: 10,
  cpuLoad: 0,
  ...change,
});
const order = (hosts: Candidate[], preferHostId: string | null = null, holderId: string | null = null) =>
  rankHosts(hosts, { preferHostId, holderId }).map(({ hostId }) => hostId);

describe('rankHosts', () => {
  it('puts the least loaded by share of capacity first', () => {
    const hosts = [
      host('a', { sessions: 5 }),
      host('b', { sessions: 6, capacity: 100 }),
      host('c', { sessions: 1 }),
    ];
    expect(order(hosts)).toEqual(['b', 'c', 'a']);
  });

  it('then the one with less CPU load, then by name', () => {
    expect(order([host('b'), host('a'), host('c', { cpuLoad: -0.1 })])).toEqual(['c', 'a', 'b']);
  });

  it('leaves out the full, the unhealthy and the draining', () => {
    const hosts = [
      host('full', { sessions: 10 }),
      host('ill', { healthy: false }),
      host('draining', { draining: true }),
      host('none', { capacity: 0 }),
    ];
    expect(order(hosts)).toEqual([]);
  });

  it('prefers the host with the workspace, even when it is full, but not when it is ill or draining', () => {
    const others = [host('a'), host('b')];
    expect(order([...others, host('w', { sessions: 10 })], 'w')).toEqual(['w', 'a', 'b']);
    expect(order([...others, host('w', { healthy: false })], 'w')).toEqual(['a', 'b']);
    expect(order([...others, host('w', { draining: true })], 'w')).toEqual(['a', 'b']);
    expect(order(others, 'gone')).toEqual(['a', 'b']);
  });

  it('gives a session back to the host that has its sandbox, even a draining one, but not an ill one', () => {
    const others = [host('a'), host('w')];
    expect(order([...others, host('s', { draining: true, sessions: 10 })], 'w', 's')).toEqual([
      's',
      'w',
      'a',
    ]);
    expect(order([...others, host('s', { healthy: false })], 's', 's')).toEqual(['a', 'w']);
    expect(order(others, 'w', 'gone')).toEqual(['w', 'a']);
  });

  it('never offers a host that cannot take a session, nor one twice, whatever the hosts', () => {
    const candidates = fc.uniqueArray(
      fc.record({
        hostId: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        healthy: fc.boolean(),
        draining: fc.boolean(),
        sessions: fc.nat(5),
        capacity: fc.nat(5),
        cpuLoad: fc.float({ min: 0, max: 1, noNaN: true }),
      }),
      { selector: ({ hostId }) => hostId },
    );
    const maybe = fc.option(fc.constantFrom('a', 'b'));
    fc.assert(
      fc.property(candidates, maybe, maybe, (hosts, preferHostId, holderId) => {
        const ranked = rankHosts(hosts, { preferHostId, holderId });
        const belongs = (hostId: string): boolean => hostId === preferHostId || hostId === holderId;
        expect(new Set(ranked.map(({ hostId }) => hostId)).size).toBe(ranked.length);
        for (const each of ranked) {
          expect(each.healthy && (!each.draining || each.hostId === holderId)).toBe(true);
          if (!belongs(each.hostId)) expect(each.sessions).toBeLessThan(each.capacity);
        }
        const shares = ranked
          .filter(({ hostId }) => !belongs(hostId))
          .map((each) => each.sessions / each.capacity);
        expect(shares).toEqual([...shares].sort((a, b) => a - b));
      }),
    );
  });
});
