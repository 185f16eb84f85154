import { expect, test, vi } from 'vitest';
import { awaitDeletion, progressWords } from './deletion.ts';

const going = (doing: 'sessions' | 'audit', sessionsLeft: number) => ({
  ...{ state: 'going' as const, startedAt: '2026-11-25T12:00:00Z', doing, sessionsLeft },
});

test('a deletion says what it is at', () => {
  expect(progressWords(going('sessions', 3))).toBe('Deleting the sessions: 3 left…');
  expect(progressWords(going('audit', 0))).toBe('Deleting the audit…');
});

test('a deletion is waited for until it is done', async () => {
  vi.useFakeTimers();
  const answers = [going('sessions', 1), going('audit', 0), { state: 'done' as const }];
  const told: string[] = [];
  const deletion = { of: 'workspace' as const, id: 'w', token: 't', startedAt: '2026-11-25T12:00:00Z' };
  const waiting = awaitDeletion(
    deletion,
    () => Promise.resolve(answers.shift() ?? { state: 'done' }),
    (words) => told.push(words),
  );
  await vi.runAllTimersAsync();
  await waiting;
  vi.useRealTimers();
  expect(told).toEqual(['Deleting the sessions: 1 left…', 'Deleting the audit…', 'Done.']);
});
