import { env, runInDurableObject } from 'cloudflare:test';
import { expect, it } from 'vitest';
import { randomId } from '../ids.ts';
import { workspaceKind } from './memberships.ts';
import type { Directory, Told } from './directory.ts';
import { DirectoryOutbox } from './outbox.ts';

/** Runs inside an actor nobody else uses. */
const inActor = <T>(run: (storage: DurableObjectStorage) => T | Promise<T>): Promise<T> =>
  runInDurableObject(env.METRICS.get(env.METRICS.idFromName(randomId(12))), (_actor, { storage }) =>
    run(storage),
  );
const row = (id: string, name = id) => ({ id, name, createdAt: new Date(0).toISOString() });

/** A directory that keeps what it is told and knows the kinds it is given. */
function directory(kinds: string[]): Directory & { told: Told[] } {
  const told: Told[] = [];
  return {
    told,
    reads: ({ kind }) => kinds.includes(kind),
    async tell(words) {
      told.push(...words);
    },
  };
}

it('keeps words of another release until one that knows them starts, and holds up no other', async () => {
  await inActor(async ({ sql }) => {
    const older = directory(['workspace']);
    const outbox = new DirectoryOutbox(sql, {}, older);
    for (let n = 0; n < 250; n += 1)
      sql.exec(
        'INSERT INTO outbox (key, version, payload) VALUES (?, 1, ?)',
        ...[`moon/${n}`, JSON.stringify(n === 0 ? 'no word' : { kind: 'moon', row: n })],
      );
    outbox.put(workspaceKind, row('w'));
    expect(await outbox.settle()).toBe(false);
    expect(older.told).toEqual([{ kind: 'workspace', row: row('w') }]);
    expect(outbox.dueMs()).toBeNull();
    outbox.put(workspaceKind, row('w', 'renamed'));
    await outbox.run();
    expect(older.told.at(-1)?.row).toEqual(row('w', 'renamed'));

    const newer = directory(['workspace', 'moon']);
    const again = new DirectoryOutbox(sql, {}, newer);
    expect(again.dueMs()).toBe(0);
    await again.run();
    expect(newer.told).toHaveLength(249);
    again.discard();
    expect(await again.settle()).toBe(true);
  });
});
