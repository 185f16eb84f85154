import { afterEach, describe, expect, it, vi } from 'vitest';
import { BoundedCache } from './bounded-cache.ts';

afterEach(() => void vi.useRealTimers());
const cache = (maxEntries = 3) => new BoundedCache<string>({ maxEntries, maxAgeMs: 5_000 });

describe('a bounded cache', () => {
  it('answers what it knows, and no longer than it may', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const known = cache();
    expect(await known.get('a', async () => 'first')).toBe('first');
    vi.advanceTimersByTime(4_999);
    expect(known.get('a', async () => 'second')).toBe('first');
    vi.advanceTimersByTime(1);
    expect(await known.get('a', async () => 'second')).toBe('second');
    expect(known.counts).toEqual({ hits: 1, misses: 2 });
    vi.setSystemTime(Date.now() - 60_000);
    expect(await known.get('a', async () => 'third')).toBe('third');
  });

  it('takes the age of an answer from when it was asked for', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const known = cache();
    const { promise, resolve } = Promise.withResolvers<string>();
    const asking = known.get('a', () => promise);
    vi.advanceTimersByTime(5_000);
    resolve('late');
    expect(await asking).toBe('late');
    expect(known.peek('a')).toBeUndefined();
  });

  it('answers whoever wants it fresher with an answer as fresh as that, and says how old each is', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
    const known = cache();
    await known.get('a', async () => 'first');
    vi.advanceTimersByTime(4_000);
    expect(known.answer('a', async () => 'second', { maxAgeMs: 4_001 })).toEqual({
      ...{ value: 'first', askedAtMs: 1_000_000 },
    });
    const fresh = await known.answer('a', async () => 'second', { maxAgeMs: 4_000 });
    expect(fresh).toEqual({ value: 'second', askedAtMs: 1_004_000 });
    expect(known.get('a', async () => 'third')).toBe('second');
  });

  it('asks once for many', async () => {
    const known = cache();
    const ask = vi.fn(async () => 'one');
    expect(await Promise.all([known.get('a', ask), known.get('a', ask), known.get('a', ask)])).toEqual(
      Array(3).fill('one'),
    );
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it('lets those who waited ask for themselves when the one who asked fails', async () => {
    const known = cache();
    const failing = known.get('a', async () => Promise.reject(new Error('gone')));
    const waiting = known.get('a', async () => 'own');
    await expect(failing).rejects.toThrow('gone');
    expect(await waiting).toBe('own');
  });

  it('forgets at once, also what is being asked for', async () => {
    const known = cache();
    await known.get('a/1', async () => 'old');
    const { promise, resolve } = Promise.withResolvers<string>();
    const asking = known.get('a/2', () => promise);
    known.forgetWhere((key) => key.startsWith('a/'));
    resolve('old');
    await asking;
    expect([known.peek('a/1'), known.peek('a/2')]).toEqual([undefined, undefined]);
  });

  it('keeps no more than it may, the newest', async () => {
    const known = cache(2);
    for (const key of ['a', 'b', 'c']) await known.get(key, async () => key);
    expect([known.peek('a'), known.peek('b'), known.peek('c')]).toEqual([undefined, 'b', 'c']);
    expect(known.size).toBe(2);
  });
});
