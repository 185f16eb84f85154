import { z } from 'zod';
import { Admission, type Purpose, type Verdict } from './admission.ts';
import type { Env } from './env.ts';

/**
 * Room for more on a workerd of one's own, which cannot see its own descriptors: their numbers come from outside (binding
 * EDGE_LOAD, see scripts/edge.ts). On Cloudflare there is no such binding, and nothing is refused here.
 */
const Load = z.object({ descriptors: z.number(), maxDescriptors: z.number() });

/** A reading is good for so long; one that did not come after so long is asked for again. */
const FRESH_MS = 250;
const LOST_MS = 5_000;

const admission = new Admission(Math.random);
let askedAtMs = -Infinity;
let awaited = false;

/**
 * Asks for one to come in; `userId` is who draws a ticket. `ctx` keeps the question alive whose answer is for those who
 * come later.
 */
export function enter(
  env: Env,
  ctx: Pick<ExecutionContext, 'waitUntil'>,
  purpose: Purpose,
  userId: string | undefined,
): Verdict {
  if (env.EDGE_LOAD === undefined) return { admitted: true };
  const nowMs = Date.now();
  // A clock set back must not stop the reading.
  const ageMs = Math.abs(nowMs - askedAtMs);
  if (ageMs > (awaited ? LOST_MS : FRESH_MS)) {
    askedAtMs = nowMs;
    awaited = true;
    ctx.waitUntil(read(env.EDGE_LOAD));
  }
  return admission.ask(purpose, nowMs, userId);
}

async function read(source: Pick<Fetcher, 'fetch'>): Promise<void> {
  const answer = await source.fetch('http://edge/load');
  admission.read(Load.parse(await answer.json()));
  awaited = false;
}
