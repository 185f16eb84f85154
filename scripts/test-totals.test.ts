import { expect, test } from 'vitest';
import { testsLine, totals } from './test-totals.ts';

test('projects and checks are added up', () => {
  const sum = totals(
    [
      { passed: 3, failed: 1, skipped: 0, ok: false },
      { passed: 4, failed: 0, skipped: 2, ok: true },
    ],
    [true, false],
  );
  expect(testsLine(sum)).toBe('Tests: 8 passed, 2 failed, 2 skipped');
});

test('a project that broke without a failed test still fails the run', () => {
  expect(totals([{ passed: 0, failed: 0, skipped: 0, ok: false }], []).failed).toBe(1);
});
