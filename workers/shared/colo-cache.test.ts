import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { throughColoCache } from './colo-cache.ts';
import { randomId } from './ids.ts';

const Answer = z.object({ n: z.number() });

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the cache of a place', () => {
  it('answers for the next isolate, until what it has is too old', async () => {
    const name = randomId(8);
    const ask = vi.fn(() => Promise.resolve({ n: 1 }));
    const through = (maxAgeMs: number) => throughColoCache(name, Answer, maxAgeMs, ask);
    expect(await through(1_000)).toEqual({ n: 1 });
    expect(await through(1_000)).toEqual({ n: 1 });
    expect(ask).toHaveBeenCalledTimes(1);
    await vi.waitFor(async () => {
      await through(1_000);
      expect(ask).toHaveBeenCalledTimes(2);
    }, 5_000);
  });

  it('is as good as empty when it holds something else, or fails', async () => {
    const name = randomId(8);
    await throughColoCache(name, z.string(), 60_000, () => Promise.resolve('of another release'));
    expect(await throughColoCache(name, Answer, 60_000, () => Promise.resolve({ n: 2 }))).toEqual({ n: 2 });
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    vi.spyOn(caches.default, 'match').mockRejectedValue(new Error('out of order'));
    vi.spyOn(caches.default, 'put').mockRejectedValue(new Error('out of order'));
    expect(await throughColoCache(name, Answer, 60_000, () => Promise.resolve({ n: 3 }))).toEqual({ n: 3 });
  });

  it('keeps no failure', async () => {
    const name = randomId(8);
    await expect(
      throughColoCache(name, Answer, 60_000, () => Promise.reject(new Error('the actor is gone'))),
    ).rejects.toThrow('the actor is gone');
    expect(await throughColoCache(name, Answer, 60_000, () => Promise.resolve({ n: 4 }))).toEqual({ n: 4 });
  });
});
