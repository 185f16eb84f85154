import { env, runInDurableObject } from 'cloudflare:test';
import { describe, expect, it, vi } from 'vitest';
import type { AuditEntry } from '../../../protocol/audit/entry.ts';
import { EMPTY_HEAD, hashOf } from '../../../protocol/audit/row.ts';
import { newUser } from '../../testing/api.ts';
import { auditActor, auditRows } from '../../testing/audit.ts';
import type { Env } from '../env.ts';
import { randomId } from '../ids.ts';
import type { Identity } from '../rpc.ts';
import { draftOf } from './draft.ts';
import { AuditFullError, AuditOutbox, MAX_WAITING_ENTRIES } from './outbox.ts';

/** Runs inside an actor nobody else uses. */
const inActor = <T>(run: (storage: DurableObjectStorage) => T | Promise<T>): Promise<T> =>
  runInDurableObject(env.USERS.get(env.USERS.idFromName(randomId(12))), (_user, { storage }) => run(storage));
const logOf = (who: Identity) => auditRows(who.workspaceId);
const rename = (who: Identity, name = 'x') =>
  draftOf(who, { action: 'session.rename', target: { kind: 'session', id: 's-1' }, detail: { name } });

/** The workspaces as an outbox sees them, answering as `appendAudit` does. */
function workspaces(
  appendAudit: (workspaceId: string, entries: AuditEntry[]) => Promise<void>,
): Pick<Env, 'WORKSPACES'> {
  const stub = {
    idFromName: (name: string) => name,
    get: (name: string) => ({ appendAudit: (entries: AuditEntry[]) => appendAudit(name, entries) }),
  };
  return { WORKSPACES: stub as unknown as Env['WORKSPACES'] };
}

describe('AuditOutbox', () => {
  it('leaves no trace before the first entry', async () => {
    await inActor((storage) => {
      const outbox = new AuditOutbox(storage, env);
      expect(outbox.isEmpty).toBe(true);
      expect(outbox.dueMs()).toBeNull();
      expect(storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'audit_outbox'").toArray()).toEqual(
        [],
      );
    });
  });

  it('tells entries in their order, chained and numbered without gaps', async () => {
    const who = { ...newUser(), address: '192.0.2.1', requestId: 'request-1' };
    await inActor(async (storage) => {
      const outbox = new AuditOutbox(storage, env);
      for (const name of ['a', 'b', 'c']) outbox.record(rename(who, name));
      expect(outbox.dueMs()).not.toBeNull();
      expect(await outbox.flush()).toBe(true);
      expect(outbox.isEmpty).toBe(true);
      expect(outbox.dueMs()).toBeNull();
    });
    const rows = await logOf(who);
    expect(rows.map(({ seq, detail }) => [seq, detail['name']])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
    expect(rows[0]).toMatchObject({
      actor: { userId: who.userId, credential: null },
      ...{ address: '192.0.2.1', requestId: 'request-1', outcome: 'allowed' },
    });
    let previousHash = EMPTY_HEAD.hash;
    for (const row of rows) {
      expect(row.previousHash).toBe(previousHash);
      expect(row.hash).toBe(hashOf(row));
      previousHash = row.hash;
    }
  });

  it('records nothing of an act that was rolled back', async () => {
    const who = newUser();
    await inActor(async (storage) => {
      const outbox = new AuditOutbox(storage, env);
      const act = () => {
        outbox.record(rename(who));
        throw new Error('no');
      };
      expect(() => storage.transactionSync(act)).toThrow('no');
      expect(await outbox.flush()).toBe(true);
    });
    expect(await logOf(who)).toEqual([]);
  });

  it('tells again what may have been told, and the log has it once', async () => {
    const who = newUser();
    await inActor(async (storage) => {
      const lost = workspaces(async (workspaceId, entries) => {
        await auditActor(workspaceId).appendAudit(entries);
        throw new Error('the answer was lost');
      });
      const first = new AuditOutbox(storage, lost);
      first.record(rename(who, 'once'));
      expect(await first.flush()).toBe(false);
      // As after a restart of the actor.
      const second = new AuditOutbox(storage, env);
      expect(second.dueMs()).toBe(0);
      second.record(rename(who, 'next'));
      expect(await second.flush()).toBe(true);
    });
    expect((await logOf(who)).map(({ detail }) => detail['name'])).toEqual(['once', 'next']);
  });

  it('records what has the same id once', async () => {
    const who = newUser();
    const id = randomId(16);
    await inActor(async (storage) => {
      const outbox = new AuditOutbox(storage, env);
      outbox.record(rename(who), id);
      outbox.record(rename(who), id);
      await outbox.flush();
      outbox.record(rename(who), id);
      await outbox.flush();
    });
    expect(await logOf(who)).toHaveLength(1);
  });

  it('backs off from a workspace that is not reached, and goes on with others', async () => {
    const [away, here] = [newUser(), newUser()];
    await inActor(async (storage) => {
      const told: string[] = [];
      const outbox = new AuditOutbox(
        storage,
        workspaces(async (workspaceId) => {
          if (workspaceId === away.workspaceId) throw new Error('away');
          told.push(workspaceId);
        }),
      );
      outbox.record(rename(away));
      outbox.record(rename(here));
      const waits: number[] = [];
      vi.useFakeTimers({ toFake: ['Date'] });
      for (let times = 0; times < 9; times += 1) {
        await outbox.run();
        waits.push((outbox.dueMs() ?? 0) - Date.now());
      }
      vi.useRealTimers();
      expect(told).toEqual([here.workspaceId]);
      expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
      expect(outbox.isEmpty).toBe(false);
    });
  });

  it('refuses an entry, and so the act, when too many wait', async () => {
    const who = newUser();
    await inActor((storage) => {
      const outbox = new AuditOutbox(storage, env);
      outbox.record(rename(who));
      storage.sql.exec(
        `WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ${MAX_WAITING_ENTRIES})
         INSERT INTO audit_outbox (id, workspaceId, payload) SELECT 'filler-' || i, 'w', '{}' FROM n`,
      );
      expect(() => outbox.record(rename(who))).toThrow(AuditFullError);
    });
  });

  it('masks secrets in what is told', async () => {
    const who = newUser();
    await inActor(async (storage) => {
      const outbox = new AuditOutbox(storage, env);
      const secret = `ghp_${'a1B2'.repeat(9)}`;
      const detail = { note: `uses ${secret}`, password: 'x', count: 2 };
      outbox.record({ ...rename(who), reason: `not ${secret}`, detail });
      await outbox.flush();
    });
    expect((await logOf(who))[0]).toMatchObject({
      reason: 'not [masked:github-token]',
      detail: { note: 'uses [masked:github-token]', password: '[masked:secret]', count: 2 },
    });
  });

  it('takes no control characters and no long texts, and nothing that is no draft', async () => {
    const who = newUser();
    await inActor(async (storage) => {
      const outbox = new AuditOutbox(storage, env);
      outbox.record(rename(who, `\u0000\u001b[31m${'x'.repeat(500)}\ud800`));
      await outbox.flush();
      const bad = { ...rename(who), action: 'session.dance' } as unknown as Parameters<
        typeof outbox.record
      >[0];
      expect(() => outbox.record(bad)).toThrow();
      expect(() => outbox.record({ ...rename(who), detail: { nested: {} as unknown as string } })).toThrow();
    });
    const name = String((await logOf(who))[0]?.detail['name']);
    expect(name).toMatch(/^\uFFFD\uFFFD\[31mx+…$/);
    expect(name).toHaveLength(200);
  });
});

describe('an entry of another release', () => {
  /** Puts a payload where entries wait, as a release that is gone has left it. */
  const leave = (storage: DurableObjectStorage, who: Identity, payload: string, id = randomId(16)) =>
    storage.sql.exec(
      'INSERT INTO audit_outbox (id, workspaceId, payload) VALUES (?, ?, ?)',
      ...[id, who.workspaceId, payload],
    );
  const textOf = (rows: Awaited<ReturnType<typeof logOf>>) =>
    rows.flatMap(({ detail }) => [...'ABCDEFGHIJKL'].map((letter) => detail[`text${letter}`] ?? '')).join('');

  it('becomes its row when it only tells of what this one does not know', async () => {
    const who = newUser();
    await inActor(async (storage) => {
      const outbox = new AuditOutbox(storage, env);
      outbox.record(rename(who, 'known'));
      const id = randomId(16);
      leave(storage, who, JSON.stringify({ ...rename(who), id, action: 'moon.land', outcome: 'dreamt' }), id);
      expect(await outbox.flush()).toBe(true);
    });
    expect((await logOf(who)).map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'session.rename allowed',
      'moon.land dreamt',
    ]);
  });

  it('holds up nothing and is told as its text when it cannot be read, once', async () => {
    const who = newUser();
    const [id, foreign] = [randomId(16), newUser()];
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    const long = JSON.stringify({ ...rename(who), id, moon: `${'\u{1F315}é'.repeat(1_500)} ${secret}` });
    await inActor(async (storage) => {
      let answers = 0;
      const lossy = workspaces(async (workspaceId, entries) => {
        await auditActor(workspaceId).appendAudit(entries);
        if ((answers += 1) === 1) throw new Error('the answer was lost');
      });
      const outbox = new AuditOutbox(storage, lossy);
      outbox.record(rename(who, 'before'));
      leave(storage, who, long, id);
      for (const payload of ['', '{', 'null', '[]', JSON.stringify({ ...rename(foreign), id: randomId(16) })])
        leave(storage, who, payload);
      outbox.record(rename(who, 'after'));
      expect(await outbox.flush()).toBe(false);
      expect(await outbox.flush()).toBe(true);
      expect(outbox.isEmpty).toBe(true);
    });
    const rows = await logOf(who);
    expect(rows.at(0)?.detail['name']).toBe('before');
    expect(rows.at(-1)?.detail['name']).toBe('after');
    expect(new Set(rows.slice(1, -1).map(({ action, outcome }) => `${action} ${outcome}`))).toEqual(
      new Set(['audit.unreadable failed']),
    );
    const whole = rows.filter(({ target }) => target.id === id);
    expect(whole.length).toBeGreaterThan(1);
    expect(whole.map(({ detail }) => detail['part'])).toEqual(whole.map((_row, at) => at + 1));
    expect(textOf(whole)).toBe(long.replace(secret, '[masked:github-token]'));
    expect(rows).toHaveLength(2 + whole.length + 5);
    expect(await logOf(foreign)).toEqual([]);
  });
});

describe('a workspace', () => {
  it('refuses entries of another one, all of the call', async () => {
    const [own, other] = [newUser(), newUser()];
    const entry = (who: Identity) => ({ ...rename(who), id: randomId(16) });
    const actor = auditActor(own.workspaceId);
    await runInDurableObject(actor, async (workspace) => {
      await expect(workspace.appendAudit([entry(own), entry(other)])).rejects.toThrow('another workspace');
    });
    expect(await logOf(own)).toEqual([]);
  });
});
