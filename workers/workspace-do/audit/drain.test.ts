import { env, runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import type { AuditRow } from '../../../protocol/audit/row.ts';
import { draftOf } from '../../shared/audit/draft.ts';
import { randomId } from '../../shared/ids.ts';
import { AuditChain } from './chain.ts';
import { AuditDrain, KEEP_MS, KEEP_ROWS } from './drain.ts';

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
    if (this.away) throw new Error('away');
    return this.rows.filter((row) => row.seq > seq).slice(0, limit);
  }
  async before(_workspaceId: string, seq: number, limit: number): Promise<AuditRow[]> {
    if (this.away) throw new Error('away');
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

  it('gives all rows that it was asked for or says which it cannot, never fewer', async () => {
    await withLog(20, 2 * KEEP_MS, async (chain, directory, { sql }) => {
      const drain = new AuditDrain(sql, chain, directory, directory);
      await drain.run(Date.now());
      chain.forget(12, Date.now() - KEEP_MS);
      directory.away = true;
      await expect(drain.after(3, 5)).rejects.toThrow('Rows before 13 are only in the directory');
      await expect(drain.before(13, 5)).rejects.toThrow(/cannot be reached now/);
      expect(seqs(await drain.before(21, 8))).toEqual([20, 19, 18, 17, 16, 15, 14, 13]);
      expect(seqs(await drain.after(12, 2))).toEqual([13, 14]);
      directory.away = false;
      expect(seqs(await drain.before(1, 5))).toEqual([]);
      directory.rows.splice(4, 1);
      expect(seqs(await drain.after(0, 4))).toEqual([1, 2, 3, 4]);
      for (const read of [drain.after(0, 5), drain.after(4, 5), drain.before(7, 5)])
        await expect(read).rejects.toThrow('row 5 is missing');
      const without = new AuditDrain(sql, chain, null, null);
      for (const read of [without.after(0, 5), without.before(13, 5)])
        await expect(read).rejects.toThrow('there is no directory any more');
      expect(seqs(await without.after(12, 1))).toEqual([13]);
    });
  });

  it('keeps the newest of them and the young ones in the actor', async () => {
    await withLog(3, 2 * KEEP_MS, async (chain, directory, { sql }) => {
      const drain = new AuditDrain(sql, chain, directory, directory);
      await drain.run(Date.now());
      // What came since, told of as well; only how many there are matters.
      const filler = (from: number, count: number, atMs: number) =>
        sql.exec(
          `WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?)
           INSERT INTO audit (seq, id, hash, atMs, text) SELECT i, i, 'h', ?, '' FROM n`,
          ...[from, from + count - 1, atMs],
        );
      const told = (seq: number) => sql.exec('UPDATE audit_told SET seq = ?', seq);
      filler(4, KEEP_ROWS - 2, Date.now() - 2 * KEEP_MS);
      told(KEEP_ROWS + 1);
      await drain.run(Date.now());
      expect(chain.oldest).toBe(2);
      // Young rows stay, however many there are.
      filler(KEEP_ROWS + 2, 10, Date.now());
      told(KEEP_ROWS + 11);
      await drain.run(Date.now());
      expect(chain.oldest).toBe(12);
      sql.exec('UPDATE audit SET atMs = ? WHERE seq >= 15', Date.now());
      filler(KEEP_ROWS + 12, 10, Date.now());
      told(KEEP_ROWS + 21);
      await drain.run(Date.now());
      expect(chain.oldest).toBe(15);
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
