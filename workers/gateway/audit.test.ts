import { env, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { importJWK } from 'jose';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { linesOf } from '../../protocol/audit/lines.ts';
import { AuditPage } from '../../protocol/audit/query.ts';
import { verifyExport } from '../../protocol/audit/verify.ts';
import { LOCAL_USER } from '../shared/auth.ts';
import { draftOf } from '../shared/audit/draft.ts';
import { randomId } from '../shared/ids.ts';
import { ask, createSession, expectProblem, newUser, tokenFor } from '../testing/api.ts';
import { auditActor, auditRows, newOwner } from '../testing/audit.ts';
import { csvLine } from './audit-csv.ts';

async function page(path: string, token: string) {
  const response = await ask(path, { token });
  expect(response.status).toBe(200);
  return AuditPage.parse(await response.json());
}

/** The published keys, as a verifier looks them up. */
async function keyFinder() {
  const KeySet = z.object({ keys: z.array(z.record(z.string(), z.string())) });
  const { keys } = KeySet.parse(await (await ask('/.well-known/audit-keys.json')).json());
  return async (kid: string) => {
    const jwk = keys.find((key) => key['kid'] === kid);
    const key = jwk === undefined ? null : await importJWK(jwk, 'EdDSA');
    return key instanceof Uint8Array ? null : key;
  };
}
async function* chunksOf(response: Response) {
  const reader = response.body?.getReader();
  for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) yield read.value;
}

describe('a refusal', () => {
  it('is in the log of who was refused, the same for what is not theirs and what is not there', async () => {
    const [owner, stranger] = [newUser(), await newOwner()];
    const { id } = await createSession(await tokenFor(owner));
    const token = await tokenFor(stranger);
    for (const session of [id, 'A'.repeat(22)])
      await expectProblem(await ask(`/api/v1/sessions/${session}`, { token }), 404, 'not-found');
    const rows = await auditRows(stranger.workspaceId);
    expect(rows.map(({ target, reason, outcome }) => [target.id, reason, outcome])).toEqual([
      ['GET /api/v1/sessions/:id', 'not-found', 'denied'],
      ['GET /api/v1/sessions/:id', 'not-found', 'denied'],
    ]);
    await expectProblem(await ask('/api/v1/nothing', { token }), 404, 'not-found');
    expect(await auditRows(stranger.workspaceId)).toHaveLength(2);
    expect((await auditRows(owner.workspaceId)).every(({ action }) => action === 'session.create')).toBe(
      true,
    );
  });

  it('by an actor is there before it is answered', async () => {
    const [owner, viewer] = [newUser(), newUser()];
    const [token, other] = [await tokenFor(owner), await tokenFor(viewer)];
    const { id } = await createSession(token);
    const body = { role: 'viewer' };
    await ask(`/api/v1/sessions/${id}/members/${viewer.userId}`, { method: 'PUT', token, body });
    const refused = await ask(`/api/v1/sessions/${id}`, {
      method: 'PATCH',
      token: other,
      body: { name: 'x' },
    });
    await expectProblem(refused, 403, 'forbidden');
    expect((await auditRows(viewer.userId)).at(-1)).toMatchObject({
      ...{ action: 'access.denied', actor: { userId: viewer.userId }, reason: 'forbidden' },
      requestId: refused.headers.get('x-request-id'),
    });
  });

  it('of a stranger who tried is in the log of the deployment; of one who only asked is not', async () => {
    const before = (await auditRows('deployment')).length;
    await expectProblem(await ask('/api/v1/auth/me'), 401, 'unauthenticated');
    expect(await auditRows('deployment')).toHaveLength(before);
    await expectProblem(await ask('/api/v1/auth/me', { token: 'forged' }), 401, 'unauthenticated');
    const token = { token: 'forged' };
    await expectProblem(
      await ask('/api/v1/auth/sign-in', { method: 'POST', body: token }),
      401,
      'unauthenticated',
    );
    const rows = (await auditRows('deployment')).slice(before);
    expect(rows.map(({ actor, target }) => [actor.userId, target.id])).toEqual([
      [null, 'GET /api/v1/auth/me'],
      [null, 'POST /api/v1/auth/sign-in'],
    ]);
    expect(JSON.stringify(rows)).not.toContain('forged');
  });
});

describe('the audit API', () => {
  it('has a sign-in link before there is one', async () => {
    const who = newUser();
    const made = await ask('/api/v1/auth/sign-in-links', { method: 'POST', token: await tokenFor(who) });
    expect(made.status).toBe(201);
    expect(await auditRows(who.userId)).toMatchObject([{ action: 'auth.link', target: { id: who.userId } }]);
  });

  it('shows who did what, filtered', async () => {
    const who = newUser();
    const token = await tokenFor(who);
    const { id } = await createSession(token);
    await vi.waitFor(async () => expect(await auditRows(who.workspaceId)).toHaveLength(1));
    const { rows } = await page(`/api/v1/audit?action=session.&target=${id}&actor=${who.userId}`, token);
    expect(rows).toMatchObject([{ seq: 1, action: 'session.create', target: { kind: 'session', id } }]);
    const all = await page('/api/v1/audit', token);
    expect(all.rows.map(({ action }) => action)).toEqual(['audit.read', 'audit.read', 'session.create']);
    for (const bad of ['action=dance', 'from=yesterday', 'limit=1000', 'cursor=-1', 'outcome=maybe'])
      await expectProblem(await ask(`/api/v1/audit?${bad}`, { token }), 400, 'invalid-request');
  });

  it('exports what can be verified with the published keys alone', async () => {
    const who = await newOwner();
    const token = await tokenFor(who);
    const act = draftOf(who, { action: 'session.rename', target: { kind: 'session', id: 's' } });
    const entries = Array.from({ length: 1_100 }, () => ({ ...act, id: randomId(16) }));
    await auditActor(who.workspaceId).appendAudit(entries);
    await runDurableObjectAlarm(auditActor(who.workspaceId));
    const whole = await ask('/api/v1/audit/export', { token });
    expect(whole.headers.get('content-disposition')).toMatch(/attachment; filename="audit-.*\.jsonl"/);
    expect(await verifyExport(linesOf(chunksOf(whole)), await keyFinder())).toMatchObject({
      ...{
        ok: true,
        workspaceId: who.workspaceId,
        firstSeq: 1,
        lastSeq: 1_101,
        checkpoints: 1,
      },
    });
    const part = await ask('/api/v1/audit/export?since=1090', { token });
    expect(await verifyExport(linesOf(chunksOf(part)), await keyFinder())).toMatchObject({
      firstSeq: 1091,
      lastSeq: 1102,
    });
    await expectProblem(await ask('/api/v1/audit/export?since=9999', { token }), 400, 'invalid-request');
    expect((await auditRows(who.workspaceId)).at(-1)).toMatchObject({ action: 'audit.export', seq: 1102 });
  });

  it('breaks an export off when rows cannot be read any more, without its end', async () => {
    const who = await newOwner();
    const act = draftOf(who, { action: 'session.rename', target: { kind: 'session', id: 's' } });
    const entries = Array.from({ length: 3_000 }, () => ({ ...act, id: randomId(16) }));
    await auditActor(who.workspaceId).appendAudit(entries);
    const response = await ask('/api/v1/audit/export', { token: await tokenFor(who) });
    expect(response.status).toBe(200);
    await runInDurableObject(auditActor(who.workspaceId), (_workspace, { storage }) => {
      storage.sql.exec('DELETE FROM audit WHERE seq > 2000');
    });
    let text = '';
    const reading = async () => {
      for await (const chunk of chunksOf(response)) text += new TextDecoder().decode(chunk);
    };
    await expect(reading()).rejects.toThrow();
    expect(text).not.toContain('"type":"end"');
  });

  it('exports CSV that no spreadsheet takes for formulas', async () => {
    const who = newUser();
    const token = await tokenFor(who);
    await createSession(token);
    const text = await (await ask('/api/v1/audit/export?format=csv', { token })).text();
    const lines = text.split('\r\n');
    expect(lines[0]).toMatch(/^type,seq,at,action,userId,/);
    expect(lines.at(-2)).toMatch(/^end,/);
    const [row] = await auditRows(who.workspaceId);
    if (row === undefined) throw new Error('no row');
    for (const evil of [
      '=1+1',
      '+1',
      '-1',
      '@SUM(A1)',
      '\t=1',
      '\r=1',
      '\n=1',
      '\uff1d1+1',
      '\uff20SUM(A1)',
    ]) {
      const cells = csvLine({ ...row, reason: `${evil}","x` });
      expect(cells).toContain(`"'${evil}"",""x"`);
    }
  });

  it('is for who may, and says so to others; the deployment’s log is for operators', async () => {
    const who = newUser();
    for (const path of ['/api/v1/audit', '/api/v1/audit/export']) {
      await expectProblem(await ask(path), 401, 'unauthenticated');
      const asUser = await ask(`${path}?stream=deployment`, { token: await tokenFor(who) });
      await expectProblem(asUser, 403, 'forbidden');
      const asOperator = await ask(`${path}?stream=deployment`, { token: await tokenFor(LOCAL_USER) });
      expect(asOperator.status).toBe(200);
      await asOperator.text();
    }
    expect((await auditRows('deployment')).at(-1)).toMatchObject({
      action: 'audit.export',
      actor: { userId: 'local' },
    });
    expect(env.ARCHIVE).toBeDefined();
  });
});
