import { env, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { describe, expect, it, vi } from 'vitest';
import { MAX_WAITING_ENTRIES } from '../shared/audit/outbox.ts';
import { ask, createSession, newUser, tokenFor } from '../testing/api.ts';
import { auditActor, auditRows } from '../testing/audit.ts';
import { PlayedHost, PlayedSession } from '../testing/session.ts';

/** Waits until a workspace's log has so many rows. */
async function rowsOf(workspaceId: string, count: number) {
  return vi.waitFor(async () => {
    const rows = await auditRows(workspaceId);
    expect(rows.length).toBeGreaterThanOrEqual(count);
    return rows;
  });
}
const hasSession = ({ sql }: DurableObjectStorage) =>
  sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'session'").toArray().length > 0;
const sessionActor = (id: string) => env.SESSIONS.get(env.SESSIONS.idFromName(id));

describe('what is done to a session', () => {
  it('is in the log of its workspace, in its order, with who did it, and nothing of what is in it', async () => {
    const who = newUser();
    const token = await tokenFor(who);
    const { id } = await createSession(token, 'secret name');
    const path = `/api/v1/sessions/${id}`;
    const call = (method: string, at: string, body?: unknown) => ask(`${path}${at}`, { method, token, body });
    expect((await call('PATCH', '', { name: 'another secret name' })).status).toBe(200);
    expect((await call('PUT', '/members/ada', { role: 'viewer' })).status).toBe(200);
    expect((await call('PUT', '/members/ada', { role: 'viewer' })).status).toBe(200);
    expect((await call('PUT', '/members/ada', { role: 'editor' })).status).toBe(200);
    expect((await call('POST', '/tickets')).status).toBe(201);
    expect((await call('POST', '/tickets', { role: 'viewer' })).status).toBe(201);
    const opened = await call('POST', '/terminals', { command: ['secret', 'command'], requestId: 'r' });
    expect(opened.status).toBe(201);
    await call('POST', '/terminals', { command: ['secret', 'command'], requestId: 'r' });
    expect((await call('DELETE', '/terminals/1')).status).toBe(200);
    expect((await call('DELETE', '/members/ada')).status).toBe(204);
    const rows = await rowsOf(who.workspaceId, 8);
    expect(rows.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'session.create allowed',
      'session.rename allowed',
      'session.share allowed',
      'session.role allowed',
      'session.ticket allowed',
      'terminal.open allowed',
      'terminal.close allowed',
      'session.unshare allowed',
    ]);
    for (const row of rows) {
      expect(row).toMatchObject({ actor: { userId: who.userId }, target: { kind: 'session', id } });
      expect(row.requestId).not.toBeNull();
    }
    expect(rows[3]?.detail).toEqual({ userId: 'ada', from: 'viewer', role: 'editor' });
    expect(JSON.stringify(rows)).not.toContain('secret');
  });

  it('is told to the log before the session forgets itself, however long the log is out of reach', async () => {
    const host = await PlayedHost.join();
    const session = await PlayedSession.create();
    const { workspaceId } = session.owner;
    await host.serve(session.id);
    const isStored = () =>
      runInDurableObject(
        session.actor,
        (_session, { storage }) => storage.sql.databaseSize > 0 && hasSession(storage),
      );
    const onLog = (statement: string) =>
      runInDurableObject(
        auditActor(workspaceId),
        (_workspace, { storage }) => void storage.sql.exec(statement),
      );
    await rowsOf(workspaceId, 1);
    await onLog('ALTER TABLE audit RENAME TO audit_away');
    const path = `/api/v1/sessions/${session.id}`;
    expect((await ask(path, { method: 'DELETE', token: session.token })).status).toBe(204);
    await host.data.until(() => host.told.find(({ type }) => type === 'sandbox.destroy'), 'destroy');
    host.data.send({ type: 'sandbox.stopped', reason: 'destroyed' });
    // The link is given back when all is done, and only then.
    await runDurableObjectAlarm(session.actor);
    expect(await isStored()).toBe(true);
    await onLog('ALTER TABLE audit_away RENAME TO audit');
    await vi.waitFor(async () => {
      await runDurableObjectAlarm(session.actor);
      expect(await isStored()).toBe(false);
    });
    expect((await auditRows(workspaceId)).map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'session.create allowed',
      'session.delete intended',
      'data-key.destroy allowed',
      'session.delete completed',
    ]);
  });

  it('and what a viewer is refused on a socket: the first at once, those like it as a number', async () => {
    const host = await PlayedHost.join();
    const session = await PlayedSession.create();
    await host.serve(session.id);
    const { who, token } = await session.member('viewer');
    const viewer = await session.view(crypto.randomUUID(), { token });
    for (let n = 0; n < 5; n += 1)
      viewer.send({ type: 'terminal.open', requestId: `r-${n}`, size: { cols: 80, rows: 24 } });
    await viewer.until(() => (viewer.count('error') === 5 ? true : undefined), 'five refusals');
    const refused = async () =>
      (await auditRows(session.owner.workspaceId)).filter(({ action }) => action === 'access.denied');
    await vi.waitFor(async () => expect(await refused()).toHaveLength(1));
    expect((await refused())[0]).toMatchObject({
      ...{ actor: { userId: who.userId }, target: { kind: 'session', id: session.id } },
      detail: { asked: 'message.terminal.open' },
    });
  });

  it('does not happen when it cannot be recorded', async () => {
    const session = await PlayedSession.create();
    const { id, owner } = session;
    await rowsOf(owner.workspaceId, 1);
    await runInDurableObject(sessionActor(id), (_session, { storage }) => {
      storage.sql.exec(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MAX_WAITING_ENTRIES})
         INSERT INTO audit_outbox (id, workspaceId, payload) SELECT 'filler-' || i, 'nowhere', '{}' FROM n`,
      );
    });
    const token = await tokenFor(owner);
    const renamed = await ask(`/api/v1/sessions/${id}`, { method: 'PATCH', token, body: { name: 'new' } });
    expect(renamed.status).toBe(503);
    const shared = await ask(`/api/v1/sessions/${id}/members/ada`, {
      method: 'PUT',
      token,
      body: { role: 'owner' },
    });
    expect(shared.status).toBe(503);
    const now = await ask(`/api/v1/sessions/${id}`, { token });
    expect(await now.json()).not.toMatchObject({ name: 'new' });
    const members = await ask(`/api/v1/sessions/${id}/members`, { token });
    expect(JSON.stringify(await members.json())).not.toContain('ada');
    await runDurableObjectAlarm(sessionActor(id));
  });
});
