import { env, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { expect, vi } from 'vitest';
import { z } from 'zod';
import { Deletion, DeletionProgress } from '../../protocol/messages/deletion.ts';
import { DELETION_LINGER_MS } from '../shared/deletion-row.ts';
import { ask } from './api.ts';
import type { Person } from './workspaces.ts';

/** How long a test waits for a deletion to go on. */
export const SETTLE = { timeout: 15_000, interval: 100 };

/** What is tried again is due after a few of these. */
const STEP_MS = 1_000;

export const userActor = (userId: string) => env.USERS.get(env.USERS.idFromName(userId));

/** Every row of every table of an actor, as text. */
export const contents = (actor: DurableObjectStub): Promise<string> =>
  runInDurableObject(actor, (_actor, { storage }) => {
    const tables = z
      .array(z.object({ name: z.string() }))
      .parse(storage.sql.exec("SELECT name FROM sqlite_master WHERE type = 'table'").toArray());
    const own = tables.filter(({ name }) => !name.startsWith('_cf_'));
    return own
      .map(({ name }) => JSON.stringify(storage.sql.exec(`SELECT * FROM "${name}"`).toArray()))
      .join('\n');
  });

/** How far a deletion is, as whoever began it is told. */
export async function progress({ of, id, token }: Deletion): Promise<DeletionProgress> {
  const answer = await ask('/api/v1/deletions/status', { method: 'POST', body: { of, id, token } });
  return DeletionProgress.parse(await answer.json());
}

/** Begins a deletion, as its person asks. */
export async function begin(path: string, person: Person, confirm: string): Promise<Deletion> {
  const answer = await ask(path, { method: 'DELETE', token: person.token, body: { confirm } });
  expect(answer.status).toBe(202);
  return Deletion.parse(await answer.json());
}

/**
 * Waits for the end of a deletion, but not for the time that it takes for the sake of requests under way: the clock is
 * set on, for good. `workspaces`: those that go along.
 */
export async function done(deletion: Deletion, workspaces: string[] = [deletion.id]): Promise<void> {
  const others = workspaces.map((id) => env.WORKSPACES.get(env.WORKSPACES.idFromName(id)));
  const actors = [...others, userActor(deletion.id)];
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + DELETION_LINGER_MS });
  const next = async () => {
    vi.setSystemTime(Date.now() + STEP_MS);
    // An actor that is done ends in its alarm.
    for (const actor of actors) await runDurableObjectAlarm(actor).catch(() => undefined);
    return progress(deletion);
  };
  await expect.poll(next, SETTLE).toEqual({ state: 'done' });
}
