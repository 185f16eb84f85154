import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type WebSocket from 'ws';
import { KEEPALIVE_INTERVAL_MS, KEEPALIVE_TIMEOUT_MS } from '../../protocol/limits.ts';
import { keepAlive } from './keepalive.ts';

/** A socket whose other end answers or not. */
class FarEnd extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  isPaused = false;
  answers = true;
  pings = 0;
  ended = false;

  send(): void {
    this.pings += 1;
    if (this.answers) this.emit('message');
  }

  terminate(): void {
    this.ended = true;
    this.emit('close');
  }
}

beforeEach(() => vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance', 'Date'] }));
afterEach(() => vi.useRealTimers());

function watched(): FarEnd {
  const socket = new FarEnd();
  keepAlive(socket as unknown as WebSocket);
  return socket;
}

test('a connection that went silent is ended in time, one that answers is not', () => {
  const silent = watched();
  const alive = watched();
  silent.answers = false;
  vi.advanceTimersByTime(KEEPALIVE_INTERVAL_MS + KEEPALIVE_TIMEOUT_MS + 4_000);
  expect(silent.ended).toBe(true);
  vi.advanceTimersByTime(10 * KEEPALIVE_INTERVAL_MS);
  expect(alive.ended).toBe(false);
  expect(alive.pings).toBeGreaterThan(8);
});

test('setting the clock, forwards or back, ends no connection and keeps none that is dead', () => {
  const alive = watched();
  const dead = watched();
  dead.answers = false;
  vi.setSystemTime(Date.now() + 3_600_000);
  vi.advanceTimersByTime(4_000);
  expect(alive.ended).toBe(false);
  vi.setSystemTime(Date.now() - 7_200_000);
  vi.advanceTimersByTime(KEEPALIVE_INTERVAL_MS + KEEPALIVE_TIMEOUT_MS);
  expect(alive.ended).toBe(false);
  expect(dead.ended).toBe(true);
});
