import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ReadyPool } from './pool.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A pool of numbers, counted up; `broken` makes making fail. */
function numbers(size: number) {
  const source = {
    size,
    made: 0,
    broken: false,
    discarded: [] as number[],
    failures: [] as number[],
    make: () => {
      if (source.broken) return Promise.reject(new Error('short of it'));
      source.made += 1;
      return Promise.resolve(source.made);
    },
    discard: (item: number) => {
      source.discarded.push(item);
      return Promise.resolve();
    },
    failed: (_detail: string, retryMs: number) => void source.failures.push(retryMs),
  };
  return { source, pool: new ReadyPool(source) };
}

const always = (): boolean => true;

test('it makes so many and no more, one after the other, and none before it is started', async () => {
  const { source, pool } = numbers(3);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(source.made).toBe(0);
  pool.start();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([source.made, pool.ready]).toEqual([3, 3]);
});

test('each is taken once, the oldest first, and another takes its place a little later', async () => {
  const { source, pool } = numbers(2);
  pool.start();
  await vi.advanceTimersByTimeAsync(100);
  expect([pool.take(always), pool.take(always), pool.take(always)]).toEqual([1, 2, null]);
  await vi.advanceTimersByTimeAsync(100);
  expect(source.made, 'not while whoever took it is busy').toBe(2);
  await vi.advanceTimersByTimeAsync(1_000);
  expect([source.made, pool.ready]).toEqual([4, 2]);
});

test('none is lost when another is taken while it is being made', async () => {
  const { source, pool } = numbers(2);
  const made = Promise.withResolvers<number>();
  pool.start();
  await vi.advanceTimersByTimeAsync(100);
  pool.take(always);
  source.make = () => made.promise;
  await vi.advanceTimersByTimeAsync(1_000);
  pool.take(always);
  made.resolve(7);
  await vi.advanceTimersByTimeAsync(100);
  expect(pool.take(always)).toBe(7);
});

test('what does not suit is ended', async () => {
  const { source, pool } = numbers(3);
  pool.start();
  await vi.advanceTimersByTimeAsync(100);
  expect(pool.take((item) => item === 2)).toBe(2);
  expect(source.discarded).toEqual([1, 3]);
});

test('what died while it waited is ended and made anew; what was taken is not its business', async () => {
  const { source, pool } = numbers(1);
  pool.start();
  await vi.advanceTimersByTimeAsync(100);
  pool.lost(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect([source.discarded, pool.take(always)]).toEqual([[1], 2]);
  pool.lost(2);
  expect(source.discarded).toEqual([1]);
});

test('failures are told, tried again later and later, and forgotten once it works', async () => {
  const { source, pool } = numbers(1);
  source.broken = true;
  pool.start();
  await vi.advanceTimersByTimeAsync(300_000);
  expect(source.failures.slice(0, 8)).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((s) => s * 1_000));
  source.broken = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(pool.ready).toBe(1);
  source.broken = true;
  pool.take(always);
  source.failures.length = 0;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(source.failures).toEqual([1_000]);
});

test('a closed pool is empty and stays so', async () => {
  const { source, pool } = numbers(2);
  pool.start();
  await vi.advanceTimersByTimeAsync(100);
  await pool.close();
  expect([source.discarded, pool.ready]).toEqual([[1, 2], 0]);
  pool.take(always);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(source.made).toBe(2);
});

test('a pool of none makes none', async () => {
  const { source, pool } = numbers(0);
  pool.start();
  pool.take(always);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(source.made).toBe(0);
});
