import { expect, test } from 'vitest';
import { looksLikeEmail, standingOf } from './invitations.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const link = { expiresAt: '2026-11-25T13:00:00Z', uses: 0, maxUses: 1, revokedAt: null };

test('a link is open until it is used up, late or revoked', () => {
  expect(standingOf(link, NOW)).toBe('open');
  expect(standingOf({ ...link, uses: 1 }, NOW)).toBe('used up');
  expect(standingOf({ ...link, uses: 99, maxUses: null }, NOW)).toBe('open');
  expect(standingOf(link, NOW + 3_600_000)).toBe('expired');
  expect(standingOf({ ...link, uses: 1, revokedAt: '2026-11-25T11:00:00Z' }, NOW)).toBe('revoked');
});

test('what is no address is told before it is sent', () => {
  expect([' ada@example.org ', 'ada@example', 'ada', ''].map(looksLikeEmail)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
