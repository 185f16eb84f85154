import type { z } from 'zod';
import { withDeadline } from './deadline.ts';
import { createLogger } from './log.ts';

/** Names in the cache are URLs; nobody outside can ask for one, or put anything there. */
const ORIGIN = 'https://colo-cache.invalid/';
/** A cache that takes longer is no help. */
const TIMEOUT_MS = 500;

const log = createLogger('colo-cache');

/**
 * What `ask` comes to, or what it came to in any isolate of this place at most `maxAgeMs` ago: the layer between the
 * memory of an isolate and an actor that may be far away. Only for what everybody may know, and may be late to know. A
 * cache that fails, or holds what `schema` does not describe, is as good as empty. Rejects as `ask` does.
 */
export async function throughColoCache<T>(
  name: string,
  schema: z.ZodType<T>,
  maxAgeMs: number,
  ask: () => Promise<T>,
): Promise<T> {
  const key = ORIGIN + name;
  const kept = schema.safeParse(await soon(name, async () => (await caches.default.match(key))?.json()));
  if (kept.success) return kept.data;
  const fresh = await ask();
  await soon(name, () =>
    caches.default.put(
      key,
      Response.json(fresh, { headers: { 'cache-control': `max-age=${Math.floor(maxAgeMs / 1000)}` } }),
    ),
  );
  return fresh;
}

/** What came of it within {@link TIMEOUT_MS}; undefined: nothing. */
async function soon(name: string, task: () => Promise<unknown>): Promise<unknown> {
  try {
    return await withDeadline(task(), TIMEOUT_MS);
  } catch (error) {
    log('warn', 'the cache of this place does not answer', { name, error: String(error) });
    return undefined;
  }
}
