import { expect, test } from 'vitest';
import { bytes, duration, levelOf, money, monthName } from './amounts.ts';

test('a limit is near from four fifths on, full when it is reached, and never without one', () => {
  expect([0, 79, 80, 99, 100, 120].map((used) => levelOf(used, 100))).toEqual([
    'fine',
    'fine',
    'near',
    'near',
    'full',
    'full',
  ]);
  expect(levelOf(1e12, null)).toBe('fine');
});

test('bytes are in the largest unit that leaves a whole number', () => {
  expect([0, 999, 1_000, 1_540, 12_300, 999_600, 1.5e9, 1.2e11].map(bytes)).toEqual([
    '0 B',
    '999 B',
    '1 KB',
    '1.5 KB',
    '12 KB',
    '1 MB',
    '1.5 GB',
    '120 GB',
  ]);
});

test('times are as exact as they are short', () => {
  expect([0, 42_900, 59_999, 60_000, 3_599_000, 3_600_000, 12_000_000, 4.3e9].map(duration)).toEqual([
    '0 s',
    '42 s',
    '59 s',
    '1 min',
    '59 min',
    '1 h',
    '3 h 20 min',
    '1,194 h',
  ]);
});

test('what was spent is never shown as nothing', () => {
  expect([0, 0.00481, 0.01, 1_200.5].map(money)).toEqual(['$0.00', '$0.0048', '$0.01', '$1,200.50']);
});

test('a month is the one that is meant, wherever one is', () => {
  expect(monthName('2026-11')).toBe('November 2026');
});
