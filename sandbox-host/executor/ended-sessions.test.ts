import { expect, test } from 'vitest';
import { EndedSessions } from './ended-sessions.ts';

class Session {
  over = true;
  disposed = false;

  dispose(): void {
    this.disposed = true;
  }
}

test('a session is forgotten once it was over for the time, and nobody is on the way to it', () => {
  const [ended, running, awaited] = [new Session(), new Session(), new Session()];
  const sessions = new Map(Object.entries({ ended, running, awaited }));
  const watch = new EndedSessions(sessions, (id) => id === 'awaited', 1_000);
  running.over = false;
  watch.sweep(0);
  watch.sweep(999);
  expect(sessions.size).toBe(3);
  watch.sweep(1_000);
  expect([...sessions.keys()]).toEqual(['running', 'awaited']);
  expect([ended, running, awaited].map(({ disposed }) => disposed)).toEqual([true, false, false]);
});

test('time before it was taken up again does not count', () => {
  const session = new Session();
  const sessions = new Map([['again', session]]);
  const watch = new EndedSessions(sessions, () => false, 1_000);
  watch.sweep(0);
  session.over = false;
  watch.sweep(900);
  session.over = true;
  watch.sweep(1_100);
  expect(sessions.size).toBe(1);
  watch.sweep(2_100);
  expect(sessions.size).toBe(0);
});
