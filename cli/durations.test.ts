import { expect, it } from 'vitest';
import { durationMs, wholeNumber } from './durations.ts';

it('reads lengths of time as people write them', () => {
  expect([durationMs('30m'), durationMs('12h'), durationMs('7d')]).toEqual([
    1_800_000, 43_200_000, 604_800_000,
  ]);
  for (const text of ['', '7', 'd', '0d', '-1d', '1.5h', '7w', '7d ', '1234567m'])
    expect(() => durationMs(text), text).toThrow('looks like');
});

it('reads whole numbers', () => {
  expect(wholeNumber('20')).toBe(20);
  for (const text of ['', '0', '-1', '1e3', 'x'])
    expect(() => wholeNumber(text), text).toThrow('whole number');
});
