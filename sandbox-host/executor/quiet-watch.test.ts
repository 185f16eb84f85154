import { expect, test } from 'vitest';
import { REST_RATE_PER_S } from '../../protocol/limits.ts';
import { QuietWatch } from './quiet-watch.ts';

class Session {
  linked = true;
  progress = 0;
  told = 0;

  tellQuiet(): void {
    this.told += 1;
  }
}

function watch(sessions: Record<string, Session>): QuietWatch {
  return new QuietWatch(() => Object.entries(sessions), 1_000);
}

test('a session is told once nothing happened for the time, and again after as long', () => {
  const quiet = new Session();
  const busy = new Session();
  const watched = watch({ quiet, busy });
  for (let nowMs = 0; nowMs <= 2_000; nowMs += 500) {
    busy.progress += 1;
    watched.sweep(nowMs);
  }
  expect(quiet.told).toBe(2);
  expect(busy.told).toBe(0);
});

test('time without a link does not count', () => {
  const session = new Session();
  const watched = watch({ session });
  watched.sweep(0);
  session.linked = false;
  watched.sweep(900);
  session.linked = true;
  watched.sweep(1_100);
  expect(session.told).toBe(0);
  watched.sweep(2_100);
  expect(session.told).toBe(1);
});

test('many that fall quiet together are told over several sweeps, each once', () => {
  const sessions = Object.fromEntries(
    Array.from({ length: 2 * REST_RATE_PER_S + 1 }, (_, i) => [String(i), new Session()]),
  );
  const watched = watch(sessions);
  const told = (): number => Object.values(sessions).reduce((sum, session) => sum + session.told, 0);
  watched.sweep(0);
  watched.sweep(1_000);
  expect(told()).toBe(REST_RATE_PER_S);
  watched.sweep(1_001);
  watched.sweep(1_002);
  expect(told()).toBe(2 * REST_RATE_PER_S + 1);
  expect(Math.max(...Object.values(sessions).map((session) => session.told))).toBe(1);
});
