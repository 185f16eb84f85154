import { expect, test } from 'vitest';
import { AccessPolicy } from '../../protocol/messages/access-policy.ts';
import { formOf, policyOf } from './policy-form.ts';

const OPEN = AccessPolicy.parse({});
const strict = AccessPolicy.parse({
  networks: ['203.0.113.0/24', '2001:db8::/32'],
  hours: { timeZone: 'Europe/Berlin', windows: [{ days: [1, 2], from: '22:00', to: '06:00' }] },
  agents: ['browser', 'program'],
  ...{ maxSensitiveAgeMs: 900_000, maxRisk: 60, outsideSharing: false, shareLinks: false },
});

test('a policy comes out of its form as it went in', () => {
  for (const policy of [OPEN, strict]) expect(policyOf(formOf(policy, 'UTC'))).toEqual({ ok: true, policy });
});

test('what is wrong is said where it belongs', () => {
  const form = formOf(OPEN, 'UTC');
  expect(policyOf({ ...form, networks: '10.0.0.0/8, home' })).toMatchObject({ ok: false, part: 'networks' });
  expect(policyOf({ ...form, limitHours: true, timeZone: 'Mars' })).toMatchObject({ part: 'timeZone' });
  const nights = [{ days: [], from: '22:00', to: '06:00' }];
  expect(policyOf({ ...form, limitHours: true, windows: nights })).toMatchObject({ part: 'windows' });
  expect(policyOf({ ...form, agents: [] })).toMatchObject({ part: 'agents' });
  // Hours that do not count may be anything.
  expect(policyOf({ ...form, timeZone: 'Mars' })).toMatchObject({ ok: true });
});
