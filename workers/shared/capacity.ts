import { z } from 'zod';
import type { Env } from './env.ts';

/**
 * Room for more on a workerd of one's own. It has one limit that ends it: a process that runs out of descriptors cannot
 * open an actor's database any more, and exits. So newcomers are refused before that. The numbers come from outside
 * (binding EDGE_LOAD, see scripts/edge.ts), because workerd cannot see its own; on Cloudflare there is no such binding, and
 * nothing is refused here.
 */
const Load = z.object({ descriptors: z.number(), maxDescriptors: z.number() });

/** A reading is good for so long. */
const FRESH_MS = 250;
/** What one newcomer may take until it shows in a reading: a request, a socket, and the awake actor's database. */
const NEWCOMER_DESCRIPTORS = 6;
/** Share of the descriptors that may be taken by viewers; and by hosts, which serve viewers who are in already. */
export const VIEWER_SHARE = 0.75;
export const HOST_SHARE = 0.9;

let reading: z.infer<typeof Load> | null = null;
let readAtMs = -Infinity;
let admittedSince = 0;

/** True when one more fits within `share` of the descriptors; it counts as come in. The rest is kept for actors that wake. */
export async function admitted(env: Env, share: number): Promise<boolean> {
  if (env.EDGE_LOAD === undefined) return true;
  const nowMs = Date.now();
  if (nowMs - readAtMs > FRESH_MS) {
    // Others who come meanwhile go by the old reading.
    readAtMs = nowMs;
    const answer = await env.EDGE_LOAD.fetch('http://edge/load');
    reading = Load.parse(await answer.json());
    admittedSince = 0;
  }
  if (reading === null) return true;
  const expected = reading.descriptors + admittedSince * NEWCOMER_DESCRIPTORS;
  if (expected + NEWCOMER_DESCRIPTORS > share * reading.maxDescriptors) return false;
  admittedSince += 1;
  return true;
}
