import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { whileVisible } from './while-visible.ts';

const EVERY_MS = 15_000;

class Tab extends EventTarget {
  visibilityState: DocumentVisibilityState = 'visible';

  show(visibilityState: DocumentVisibilityState): void {
    this.visibilityState = visibilityState;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('works at once and by its period, not while hidden, and at once when it is seen again', () => {
  const tab = new Tab();
  let done = 0;
  const stop = whileVisible(() => (done += 1), EVERY_MS, tab);
  expect(done).toBe(1);
  vi.advanceTimersByTime(2 * EVERY_MS);
  expect(done).toBe(3);

  tab.show('hidden');
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(10 * EVERY_MS);
  expect(done).toBe(3);

  tab.show('visible');
  expect(done).toBe(4);
  // The period begins anew, so that nothing is done twice in a row.
  vi.advanceTimersByTime(EVERY_MS - 1);
  expect(done).toBe(4);
  vi.advanceTimersByTime(1);
  expect(done).toBe(5);

  stop();
  tab.show('visible');
  expect(vi.getTimerCount()).toBe(0);
  expect(done).toBe(5);
});

test('a tab opened in the background waits until it is seen', () => {
  const tab = new Tab();
  tab.visibilityState = 'hidden';
  let done = 0;
  const stop = whileVisible(() => (done += 1), EVERY_MS, tab);
  vi.advanceTimersByTime(EVERY_MS);
  expect(done).toBe(0);
  tab.show('visible');
  expect(done).toBe(1);
  stop();
});
