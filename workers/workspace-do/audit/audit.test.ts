import { env, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { importJWK } from 'jose';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isSignedBy } from '../../../protocol/audit/checkpoint.ts';
import type { AuditEntry } from '../../../protocol/audit/entry.ts';
import { AuditArchive } from '../../shared/audit/archive.ts';
import { draftOf } from '../../shared/audit/draft.ts';
import { auditSigner } from '../../shared/audit/signer.ts';
import { randomId } from '../../shared/ids.ts';
import type { Identity } from '../../shared/rpc.ts';
import { newUser } from '../../testing/api.ts';
import { auditActor, auditRows, newOwner } from '../../testing/audit.ts';
import { CHECKPOINT_EVERY_MS, CHECKPOINT_EVERY_ROWS } from './checkpoints.ts';
import { COUNT_FOR_MS, MAX_COUNTERS, SINGLE_DENIALS } from './denials.ts';
import { mayReadAudit } from './reader.ts';

const entries = (who: Identity, count: number): AuditEntry[] =>
  Array.from({ length: count }, (_, at) => ({
    ...draftOf(who, { action: 'session.rename', target: { kind: 'session', id: `s-${at}` } }),
    id: randomId(16),
  }));
const denial = (who: Identity, reason = 'forbidden', id = 's') =>
  draftOf(who, { action: 'access.denied', target: { kind: 'session', id }, outcome: 'denied', reason });
const archived = (who: Identity) => new AuditArchive(env).list(who.workspaceId, 1, 1e9, 100);

function passTime(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
}
afterEach(() => {
  vi.useRealTimers();
});

describe('checkpoints', () => {
  it('are signed and put into object storage after some time, also by an actor that was away', async () => {
    const who = newUser();
    const actor = auditActor(who.workspaceId);
    await actor.appendAudit(entries(who, 3));
    expect(await archived(who)).toEqual([]);
    await evictDurableObject(actor);
    passTime(CHECKPOINT_EVERY_MS + 1_000);
    expect(await runDurableObjectAlarm(actor)).toBe(true);
    const [checkpoint, ...others] = await archived(who);
    expect(others).toEqual([]);
    const last = (await auditRows(who.workspaceId)).at(-1);
    expect(checkpoint).toMatchObject({ workspaceId: who.workspaceId, seq: 3, hash: last?.hash });
    const [jwk] = await new AuditArchive(env).keys();
    const key = await importJWK({ ...jwk }, 'EdDSA');
    if (checkpoint === undefined || key instanceof Uint8Array) throw new Error('no checkpoint');
    expect(await isSignedBy(key, checkpoint)).toBe(true);
    expect(await isSignedBy(key, { ...checkpoint, seq: 2 })).toBe(false);
  });

  it('are made at once after many rows', async () => {
    const who = newUser();
    const actor = auditActor(who.workspaceId);
    await actor.appendAudit(entries(who, CHECKPOINT_EVERY_ROWS));
    await runDurableObjectAlarm(actor);
    expect((await archived(who)).map(({ seq }) => seq)).toEqual([CHECKPOINT_EVERY_ROWS]);
  });

  it('are never written twice', async () => {
    const signer = await auditSigner(env.SIGNING_KEY);
    const archive = new AuditArchive(env);
    const unsigned = {
      ...({ type: 'checkpoint', version: 1 } as const),
      ...{ workspaceId: randomId(9), seq: 7, at: new Date().toISOString() },
    };
    const first = await signer.sign({ ...unsigned, hash: 'a'.repeat(64) });
    const second = await signer.sign({ ...unsigned, hash: 'b'.repeat(64) });
    expect(await archive.put(first, signer)).toEqual(first);
    expect(await archive.put(second, signer)).toEqual(first);
    expect(await archive.list(unsigned.workspaceId, 1, 7, 10)).toEqual([first]);
    expect(await archive.list(unsigned.workspaceId, 1, 6, 10)).toEqual([]);
    expect(await archive.list(unsigned.workspaceId, 8, 9, 10)).toEqual([]);
  });
});

describe('refusals', () => {
  it('get a row each, and in a flood a row that says how many it stands for; none is lost', async () => {
    const who = newUser();
    const actor = auditActor(who.workspaceId);
    const flood = SINGLE_DENIALS + 60;
    for (let n = 0; n < flood; n += 1) await actor.auditDenied(denial(who, 'forbidden', `s-${n}`));
    expect(await auditRows(who.workspaceId)).toHaveLength(SINGLE_DENIALS);
    await evictDurableObject(actor);
    passTime(COUNT_FOR_MS + 1_000);
    expect(await runDurableObjectAlarm(actor)).toBe(true);
    const rows = await auditRows(who.workspaceId);
    expect(rows).toHaveLength(SINGLE_DENIALS + 1);
    expect(rows.at(-1)).toMatchObject({
      actor: { userId: who.userId },
      target: { kind: 'session', id: '*' },
      detail: { count: 60 },
    });
  });

  it('of many different kinds fill a fixed number of counters', async () => {
    const who = newUser();
    const actor = auditActor(who.workspaceId);
    const kinds = SINGLE_DENIALS + MAX_COUNTERS + 40;
    for (let n = 0; n < kinds; n += 1) await actor.auditDenied(denial(who, `reason-${n}`));
    passTime(COUNT_FOR_MS + 1_000);
    await runDurableObjectAlarm(actor);
    const rows = await auditRows(who.workspaceId);
    expect(rows).toHaveLength(SINGLE_DENIALS + MAX_COUNTERS + 1);
    const told = rows.map(({ detail }) => Number(detail['count'] ?? 1)).reduce((sum, n) => sum + n, 0);
    expect(told).toBe(kinds);
  });
});

describe('counted refusals of another release', () => {
  it('are told as their text when this one cannot read them, and hold up nothing', async () => {
    const who = newUser();
    const actor = auditActor(who.workspaceId);
    for (let n = 0; n < SINGLE_DENIALS + 2; n += 1) await actor.auditDenied(denial(who));
    await runInDurableObject(actor, (_workspace, { storage }) => {
      storage.sql.exec(`UPDATE audit_denials SET draft = '{"moon":1}'`);
    });
    await actor.auditDenied(denial(who));
    passTime(COUNT_FOR_MS + 1_000);
    expect(await runDurableObjectAlarm(actor)).toBe(true);
    const row = (await auditRows(who.workspaceId)).at(-1);
    expect(row).toMatchObject({ action: 'audit.unreadable', target: { kind: 'audit-entry' } });
    const counter = { count: 3, draft: '{"moon":1}' };
    expect(JSON.parse(String(row?.detail['textA']) + String(row?.detail['textB'] ?? ''))).toMatchObject(
      counter,
    );
    await actor.auditDenied(denial(who, 'another'));
    expect(await runDurableObjectAlarm(actor)).toBe(true);
  });
});

describe('reading', () => {
  const read = async (who: Identity, query = {}) => {
    const page = await auditActor(who.workspaceId).queryAudit(who, query);
    if (!page.ok) throw new Error(page.code);
    return page.value;
  };

  it('is for owners and admins of the workspace, and of the deployment for operators', async () => {
    expect(
      (['owner', 'admin', 'member', 'viewer', null] as const).map((role) =>
        mayReadAudit(newUser(), 'w', role),
      ),
    ).toEqual([true, true, false, false, false]);
    const who = await newOwner();
    const codeFor = async (asker: Identity, stream = who.workspaceId) => {
      const page = await auditActor(stream).queryAudit({ ...asker, workspaceId: stream }, {});
      return page.ok ? 'ok' : page.code;
    };
    expect(await codeFor(who)).toBe('ok');
    // What a caller says of itself does not count, and to a stranger the workspace does not exist.
    expect(await codeFor({ ...newUser(), workspaceRole: 'owner', operator: true })).toBe('not-found');
    expect(await codeFor({ ...newUser(), operator: true }, 'deployment')).toBe('ok');
    expect(await codeFor(who, 'deployment')).toBe('forbidden');
  });

  it('filters, pages and is itself in the log, once a minute', async () => {
    const who = await newOwner();
    const actor = auditActor(who.workspaceId);
    await actor.appendAudit(entries(who, 7));
    await actor.auditDenied(denial(who));
    const all = await read(who);
    expect(all.rows[0]).toMatchObject({ action: 'audit.read', seq: 9 });
    await read(who);
    expect(await auditRows(who.workspaceId)).toHaveLength(9);
    const first = await read(who, { action: 'session.', limit: 5 });
    expect(first.rows.map(({ seq }) => seq)).toEqual([7, 6, 5, 4, 3]);
    const rest = await read(who, { action: 'session.', limit: 5, cursor: first.nextCursor });
    expect(rest).toMatchObject({ rows: [{ seq: 2 }, { seq: 1 }], nextCursor: null });
    expect((await read(who, { target: 's-3' })).rows.map(({ seq }) => seq)).toEqual([4]);
    expect((await read(who, { outcome: 'denied' })).rows.map(({ seq }) => seq)).toEqual([8]);
    expect((await read(who, { actor: 'nobody' })).rows).toEqual([]);
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    expect((await read(who, { from: inAnHour })).rows).toEqual([]);
    expect((await read(who, { to: inAnHour, action: 'access.denied' })).rows).toHaveLength(1);
  });

  it('needs rows nobody has changed: what another wrote into the storage is not read as a row', async () => {
    const who = await newOwner();
    const actor = auditActor(who.workspaceId);
    await actor.appendAudit(entries(who, 1));
    await runInDurableObject(actor, async (_workspace, { storage }) => {
      storage.sql.exec("UPDATE audit SET text = '{}'");
    });
    await runInDurableObject(actor, async (workspace) => {
      await expect(workspace.queryAudit(who, {})).rejects.toThrow();
    });
  });
});
