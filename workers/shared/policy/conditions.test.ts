import { describe, expect, it } from 'vitest';
import { AccessPolicy, OPEN_POLICY } from './access-policy.ts';
import { type Circumstances, REASONS, refusedBy } from './conditions.ts';
import { inHours } from './hours.ts';
import { inNetworks, networkOf } from './network.ts';
import { riskScore } from './risk.ts';

const NOON = Date.parse('2026-11-25T12:00:00Z'); // A Wednesday.
const CALM = { newNetwork: false, recentDenials: 0 };
const about = (more: Partial<Circumstances> = {}): Circumstances => ({ nowMs: NOON, risk: CALM, ...more });
const policy = (more: Partial<AccessPolicy>): AccessPolicy => ({ ...OPEN_POLICY, ...more });

describe('networks', () => {
  it.each([
    ['192.0.2.7', ['192.0.2.0/24'], true],
    ['192.0.3.7', ['192.0.2.0/24'], false],
    ['192.0.2.7', ['192.0.2.7/32', '10.0.0.0/8'], true],
    ['::ffff:192.0.2.7', ['192.0.2.0/24'], true],
    ['2001:db8:1::5', ['2001:db8:1::/48'], true],
    ['2001:db8:2::5', ['2001:db8:1::/48'], false],
    ['192.0.2.7', ['::/0'], false],
    ['2001:db8::1', ['0.0.0.0/0'], false],
    ['nonsense', ['0.0.0.0/0', '::/0'], false],
    [undefined, ['0.0.0.0/0', '::/0'], false],
  ])('%s in %j: %s', (address, blocks, inside) => {
    expect(inNetworks(address, blocks)).toBe(inside);
  });

  it('tells networks apart by their first bits', () => {
    expect(networkOf('192.0.2.7')).toBe('192.0.2.0/24');
    expect(networkOf('::ffff:192.0.2.9')).toBe('192.0.2.0/24');
    expect(networkOf('2001:db8:1:2::5')).toBe('2001:db8:1::/48');
    expect(networkOf('')).toBeNull();
  });
});

describe('hours', () => {
  const office = (timeZone: string, from = '09:00', to = '17:00', days = [1, 2, 3, 4, 5]) => ({
    timeZone,
    windows: [{ days, from, to }],
  });
  it.each([
    ['2026-11-25T12:00:00Z', office('UTC'), true],
    ['2026-11-25T17:00:00Z', office('UTC'), false],
    ['2026-11-25T09:00:00Z', office('UTC'), true],
    ['2026-11-29T12:00:00Z', office('UTC'), false],
    // Nine in the evening in Tokyo; nine in the morning in New York before its clocks change, eight after.
    ['2026-11-25T12:00:00Z', office('Asia/Tokyo'), false],
    ['2026-10-28T13:00:00Z', office('America/New_York'), true],
    ['2026-11-25T13:00:00Z', office('America/New_York'), false],
    // Over midnight: Tuesday's night goes on on Wednesday, Wednesday's has not begun.
    ['2026-11-25T05:59:00Z', office('UTC', '22:00', '06:00', [2]), true],
    ['2026-11-25T06:00:00Z', office('UTC', '22:00', '06:00', [2]), false],
    ['2026-11-25T22:00:00Z', office('UTC', '22:00', '06:00', [2]), false],
    ['2026-11-25T00:00:00Z', office('UTC', '00:00', '00:00', [3]), true],
    ['2026-11-26T00:00:00Z', office('UTC', '00:00', '00:00', [3]), false],
  ])('%s in %j: %s', (at, hours, inside) => {
    expect(inHours(Date.parse(at), hours)).toBe(inside);
  });
});

describe('a policy', () => {
  it('that asks for nothing refuses nothing', () => {
    const worst = about({ risk: { newNetwork: true, recentDenials: 99 } });
    expect(refusedBy(OPEN_POLICY, true, worst)).toBeNull();
  });

  it('refuses by network, hour and risk, and old sign-ins for what is sensitive', () => {
    const networks = policy({ networks: ['10.0.0.0/8'] });
    expect(refusedBy(networks, false, about({ address: '10.1.2.3' }))).toBeNull();
    expect(refusedBy(networks, false, about({ address: '11.1.2.3' }))).toBe(REASONS.network);
    expect(refusedBy(networks, false, about())).toBe(REASONS.network);
    const hours = policy({
      hours: { timeZone: 'UTC', windows: [{ days: [3], from: '13:00', to: '14:00' }] },
    });
    expect(refusedBy(hours, false, about())).toBe(REASONS.hours);
    expect(refusedBy(hours, false, about({ nowMs: NOON + 3_600_000 }))).toBeNull();
    const risk = policy({ maxRisk: 50 });
    expect(refusedBy(risk, false, about({ risk: { newNetwork: true, recentDenials: 1 } }))).toBeNull();
    expect(refusedBy(risk, false, about({ risk: { newNetwork: true, recentDenials: 2 } }))).toBe(
      REASONS.risk,
    );
    const age = policy({ maxSensitiveAgeMs: 60_000 });
    expect(refusedBy(age, false, about({ authenticatedAtMs: NOON - 60_001 }))).toBeNull();
    expect(refusedBy(age, true, about({ authenticatedAtMs: NOON - 60_001 }))).toBe(REASONS.age);
    expect(refusedBy(age, true, about({ authenticatedAtMs: NOON - 60_000 }))).toBeNull();
    expect(refusedBy(age, true, about())).toBe(REASONS.age);
  });

  it('is read with bounds, and what it does not know is refused', () => {
    expect(AccessPolicy.parse({})).toEqual(OPEN_POLICY);
    for (const bad of [
      { networks: ['10.0.0.0/33'] },
      { networks: ['everywhere'] },
      { hours: { timeZone: 'Mars/Olympus', windows: [{ days: [1], from: '09:00', to: '17:00' }] } },
      { hours: { timeZone: 'UTC', windows: [{ days: [7], from: '09:00', to: '17:00' }] } },
      { hours: { timeZone: 'UTC', windows: [{ days: [1], from: '9:00', to: '24:00' }] } },
      { maxRisk: 101 },
      { colour: 'red' },
    ])
      expect(AccessPolicy.safeParse(bad).success, JSON.stringify(bad)).toBe(false);
  });

  it('scores from 0 to 100', () => {
    expect(riskScore(CALM)).toBe(0);
    expect(riskScore({ newNetwork: true, recentDenials: 1_000 })).toBe(100);
  });
});
