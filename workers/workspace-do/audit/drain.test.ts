import { env, runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import type { AuditRow } from '../../../protocol/audit/row.ts';
import { draftOf } from '../../shared/audit/draft.ts';
import { randomId } from '../../shared/ids.ts';
import { AuditChain } from './chain.ts';
import { AuditDrain, KEEP_MS } from './drain.ts';

const WORKSPACE = 'w';

/** A directory in memory, which is away when told to be. */
class PlayedDirectory {
  readonly rows: AuditRow[] = [];
  away = false;

  async tell(words: readonly { row: unknown }[]): Promise<void> {
    if (this.away) throw new Error('away');
    this.rows.push(...words.map(({ row }) => row as AuditRow));
  }
  async after(_workspaceId: string, seq: number, limit: number): Promise<AuditRow[]> {
    return this.rows.filter((row) => row.seq > seq).slice(0, limit);
  }
  async before(_workspaceId: string, seq: number, limit: number): Promise<AuditRow[]> {
    return this.rows
      .filter((row) => row.seq < seq)
      .reverse()
      .slice(0, limit);
  }
}

/** A log of `count` rows that are `ageMs` old, in an actor nobody else uses. */
function withLog<T>(
  count: number,
  ageMs: number,
  run: (chain: AuditChain, directory: PlayedDirectory, storage: DurableObjectStorage) => Promise<T>,
): Promise<T> {
  const actor = env.USERS.get(env.USERS.idFromName(randomId(12)));
  return runInDurableObject(actor, async (_user, { storage }) => {
    const chain = new AuditChain(storage, WORKSPACE);
    const act = { action: 'session.rename', target: { kind: 'session', id: 's' } } as const;
    const draft = { ...draftOf({ userId: 'u', workspaceId: WORKSPACE }, act), atMs: Date.now() - ageMs };
    chain.append(Array.from({ length: count }, () => ({ ...draft, id: randomId(16) })));
    return run(chain, new PlayedDirectory(), storage);
  });
}
const seqs = (rows: AuditRow[]) => rows.map(({ seq }) => seq);

describe('the way to the directory', () => {
  it('is gone by every row once and in order, also after an outage and a restart', async () => {
    await withLog(450, 0, async (chain, directory, { sql }) => {
      const drain = new AuditDrain(sql, chain, directory, directory);
      directory.away = true;
      await drain.run(Date.now());
      expect(drain.dueMs()).toBeGreaterThan(Date.now());
      directory.away = false;
      await drain.run(Date.now());
      expect(drain.dueMs()).toBeNull();
      const again = new AuditDrain(sql, chain, directory, directory);
      expect(again.dueMs()).toBeNull();
      await again.run(Date.now());
      expect(seqs(directory.rows)).toEqual(Array.from({ length: 450 }, (_, at) => at + 1));
    });
  });

  it('is where rows are read from that have left the actor: old ones, told of, beyond the newest', async () => {
    await withLog(20, 2 * KEEP_MS, async (chain, directory, { sql }) => {
      const drain = new AuditDrain(sql, chain, directory, directory);
      await drain.run(Date.now());
      expect(chain.oldest).toBe(1);
      // As if so many more had come.
      chain.forget(12, Date.now() - KEEP_MS);
      expect(chain.oldest).toBe(13);
      expect(seqs(await drain.after(0, 5))).toEqual([1, 2, 3, 4, 5]);
      expect(seqs(await drain.after(10, 5))).toEqual([11, 12]);
      expect(seqs(await drain.after(12, 5))).toEqual([13, 14, 15, 16, 17]);
      expect(seqs(await drain.before(21, 9))).toEqual([20, 19, 18, 17, 16, 15, 14, 13]);
      expect(seqs(await drain.before(13, 3))).toEqual([12, 11, 10]);
    });
  });

  it('lets no young row go, nor the newest', async () => {
    await withLog(5, 0, async (chain) => {
      chain.forget(5, Date.now() - KEEP_MS);
      expect(chain.oldest).toBe(1);
      chain.forget(5, Date.now() + 1_000);
      expect(seqs(chain.after(0, 10))).toEqual([5]);
    });
  });

  it('is not there without a directory, and everything stays', async () => {
    await withLog(3, 2 * KEEP_MS, async (chain, _directory, { sql }) => {
      const drain = new AuditDrain(sql, chain, null, null);
      drain.added();
      expect(drain.dueMs()).toBeNull();
      await drain.run(Date.now());
      expect(seqs(await drain.after(0, 10))).toEqual([1, 2, 3]);
    });
  });
});
