import { createLogger } from '../shared/log.ts';
import type { Env } from '../shared/env.ts';
import { TELL_CONCURRENCY } from './limits.ts';
import type { PlacementRow } from './registry.ts';

const log = createLogger('region-do');

/** Tells session actors why their placements failed; `told` gets each that was told. Out: those that could not be. */
export async function tellSessions<T extends { sessionId: string; epoch: number; detail: string }>(
  env: Env,
  placements: readonly T[],
  told: (row: T) => void,
): Promise<T[]> {
  return tellAll(placements, 'session not told of its lost placement', async (row) => {
    await sessionActor(env, row).placementFailed(row.epoch, row.detail);
    told(row);
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

/** Calls `tell` for each, {@link TELL_CONCURRENCY} at a time; failures are logged. Out: which failed. */
async function tellAll<T extends { sessionId: string; epoch: number }>(
  rows: readonly T[],
  failure: string,
  tell: (row: T) => Promise<void>,
): Promise<T[]> {
  const queue = [...rows];
  const failed: T[] = [];
  const worker = async (): Promise<void> => {
    for (let row = queue.shift(); row !== undefined; row = queue.shift()) {
      try {
        await tell(row);
      } catch (error) {
        failed.push(row);
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
