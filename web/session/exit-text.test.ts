import { expect, test } from 'vitest';
import { exitText } from './exit-text.ts';

const exit = { offset: 0, exitCode: 0, signal: null, reason: 'exited' as const };

test('each end has its words', () => {
  expect(exitText(exit)).toBe('Ended.');
  expect(exitText({ ...exit, exitCode: 130 })).toBe('Ended with code 130.');
  expect(exitText({ ...exit, exitCode: null, signal: 'SIGKILL' })).toBe('Ended by SIGKILL.');
  expect(exitText({ ...exit, reason: 'lost' })).toMatch(/kept/);
  expect(exitText({ ...exit, reason: 'failed', message: 'No such command.' })).toBe('No such command.');
});
