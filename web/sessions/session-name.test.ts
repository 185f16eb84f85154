import { expect, test } from 'vitest';
import { ago, sessionName } from './session-name.ts';

test('names are two words', () => {
  expect(sessionName(() => 0)).toBe('amber-basin');
  expect(sessionName(() => 0.999)).toMatch(/^[a-z]+-[a-z]+$/);
});

test('ages are short', () => {
  const now = Date.parse('2026-01-03T00:00:00Z');
  const before = (ms: number): string => ago(new Date(now - ms).toISOString(), now);
  expect([before(0), before(59_999), before(60_000), before(3_600_000), before(48 * 3_600_000)]).toEqual([
    'now',
    'now',
    '1 min',
    '1 h',
    '2 d',
  ]);
});
