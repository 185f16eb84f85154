import { expect, test } from 'vitest';
import { relative } from './times.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const after = (ms: number) => relative(new Date(NOW + ms).toISOString(), NOW);

test('moments are near or far, before or after', () => {
  expect(after(0)).toBe('just now');
  expect(after(-59_000)).toBe('just now');
  expect(after(-61_000)).toBe('1 minute ago');
  expect(after(-3 * 3_600_000)).toBe('3 hours ago');
  expect(after(-47 * 3_600_000)).toBe('1 day ago');
  expect(after(30_000)).toBe('in less than a minute');
  expect(after(7 * 86_400_000 - 1_000)).toBe('in 7 days');
});
