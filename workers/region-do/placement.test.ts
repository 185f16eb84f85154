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
const order = (hosts: Candidate[], prefer: string | null = null) =>
  rankHosts(hosts, prefer).map(({ hostId }) => hostId);

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
    fc.assert(
      fc.property(candidates, fc.option(fc.constantFrom('a', 'b')), (hosts, prefer) => {
        const ranked = rankHosts(hosts, prefer);
        expect(new Set(ranked.map(({ hostId }) => hostId)).size).toBe(ranked.length);
        for (const each of ranked) {
          expect(each.healthy && !each.draining).toBe(true);
          if (each.hostId !== prefer) expect(each.sessions).toBeLessThan(each.capacity);
        }
        const shares = ranked
          .filter(({ hostId }) => hostId !== prefer)
          .map((each) => each.sessions / each.capacity);
        expect(shares).toEqual([...shares].sort((a, b) => a - b));
      }),
    );
  });
});
