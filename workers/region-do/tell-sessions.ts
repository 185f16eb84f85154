import { createLogger } from '../shared/log.ts';
import type { Env } from '../shared/env.ts';
import { TELL_CONCURRENCY } from './limits.ts';
import type { PlacementRow, Registry } from './registry.ts';

const log = createLogger('region-do');

/**
 * Tells session actors that their placements failed, a few at a time, and forgets the placements that were told.
 * Those that could not be told stay in the registry. Out: how many those are.
 */
export async function tellSessions(
  env: Env,
  registry: Registry,
  placements: readonly PlacementRow[],
  detail: string,
): Promise<number> {
  return tellAll(placements, 'session not told of its lost placement', async (row) => {
    await sessionActor(env, row).placementFailed(row.epoch, detail);
    registry.removePlacement(row);
  });
}

/** Tells resting sessions that their host has something for them. One that cannot be told is named again by its host. */
export async function tellHostWants(
  env: Env,
  sessions: readonly Pick<PlacementRow, 'sessionId' | 'epoch'>[],
): Promise<void> {
  await tellAll(sessions, 'session not told that its host wants it', async (row) => {
    await sessionActor(env, row).hostWants(row.epoch);
  });
}

/** Calls `tell` for each, {@link TELL_CONCURRENCY} at a time; failures are logged. Returns how many there were. */
async function tellAll<T extends { sessionId: string; epoch: number }>(
  rows: readonly T[],
  failure: string,
  tell: (row: T) => Promise<void>,
): Promise<number> {
  const queue = [...rows];
  let failed = 0;
  const worker = async (): Promise<void> => {
    for (let row = queue.shift(); row !== undefined; row = queue.shift()) {
      try {
        await tell(row);
      } catch (error) {
        failed += 1;
        const { sessionId, epoch } = row;
        log('warn', failure, {
          ...{ sessionId, epoch },
          error: error instanceof Error ? error.message : String(error),
        });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(TELL_CONCURRENCY, queue.length) }, worker));
  return failed;
}

function sessionActor(env: Env, { sessionId }: { sessionId: string }) {
  return env.SESSIONS.get(env.SESSIONS.idFromName(sessionId));
}
