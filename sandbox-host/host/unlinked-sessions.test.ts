import { expect, test } from 'vitest';
import { MAX_SESSIONS_PER_MESSAGE } from '../../protocol/limits.ts';
import { UnlinkedSessions } from './unlinked-sessions.ts';

const wish = (sessionId: string) => ({ sessionId, epoch: 1 });
const wanting = (sessionId: string) => ({ ...wish(sessionId), kept: true, wants: true });

test('a wish is told at once, again after a while, and then given up', () => {
  const sessions = new UnlinkedSessions();
  sessions.take(wanting('a'));
  expect(sessions.due(0)).toEqual([[wish('a')]]);
  expect(sessions.due(1_000)).toEqual([]);
  let tellings = 0;
  for (let nowMs = 5_000; nowMs < 100_000; nowMs += 5_000) tellings += sessions.due(nowMs).length;
  expect(tellings).toBe(3);
});

test('another connection has heard nothing yet; a link ends the wish', () => {
  const sessions = new UnlinkedSessions();
  sessions.take(wanting('a'));
  sessions.due(0);
  sessions.afresh();
  expect(sessions.due(1)).toEqual([[wish('a')]]);
  sessions.drop('a');
  sessions.afresh();
  expect(sessions.due(2)).toEqual([]);
  expect(sessions.count).toBe(0);
});

test('many wishes go in pages', () => {
  const sessions = new UnlinkedSessions();
  for (let i = 0; i <= MAX_SESSIONS_PER_MESSAGE; i += 1) sessions.take(wanting(String(i)));
  expect(sessions.due(0).map((page) => page.length)).toEqual([MAX_SESSIONS_PER_MESSAGE, 1]);
});

test('an executor followed anew names what it has; what it does not is gone', () => {
  const sessions = new UnlinkedSessions();
  sessions.take(wanting('kept'));
  sessions.take(wanting('gone'));
  sessions.restart();
  sessions.take({ ...wish('kept'), kept: true, wants: false });
  expect(sessions.complete()).toBe(true);
  expect([sessions.has('kept'), sessions.has('gone'), sessions.count]).toEqual([true, false, 1]);
  sessions.restart();
  sessions.take({ ...wish('kept'), kept: true, wants: false });
  expect(sessions.complete()).toBe(false);
});
