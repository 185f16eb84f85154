import { createLogger } from '../shared/log.ts';
import type { Env } from '../shared/env.ts';
import { TELL_CONCURRENCY } from './limits.ts';
import type { PlacementRow, Registry } from './registry.ts';

const log = createLogger('region-do');

/**
 * Tells session actors that their placements failed, a few at a time, and forgets the placements that were told.
 * Those that could not be told stay in the registry. Returns how many.
 */
export async function tellSessions(
  env: Env,
  registry: Registry,
  placements: readonly PlacementRow[],
  detail: string,
): Promise<number> {
  const queue = [...placements];
  let failed = 0;
  const worker = async (): Promise<void> => {
    for (let row = queue.shift(); row !== undefined; row = queue.shift()) {
      try {
        await env.SESSIONS.get(env.SESSIONS.idFromName(row.sessionId)).placementFailed(row.epoch, detail);
        registry.removePlacement(row);
      } catch (error) {
        failed += 1;
        log('warn', 'session not told of its lost placement', {
          sessionId: row.sessionId,
          hostId: row.hostId,
          epoch: row.epoch,
          error: error instanceof Error ? error.message : String(error),
        });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(TELL_CONCURRENCY, queue.length) }, worker));
  return failed;
}
