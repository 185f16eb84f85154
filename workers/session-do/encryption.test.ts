import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { SessionInfo } from '../../protocol/messages/session.ts';
import { ConfiguredKek } from '../shared/vault/configured-kek.ts';
import { VaultError } from '../shared/vault/vault-error.ts';
import { DATA_KEY_MAX_AGE_MS } from '../shared/vault/vault.ts';
import { ask, expectProblem } from '../testing/api.ts';
import { PlayedHost, PlayedSession } from '../testing/session.ts';
import { dump } from '../testing/vault.ts';
import { sessionMigrations } from './migrations/index.ts';

/** Whatever people say and see is sealed in the actor's storage, and only the right keys open it. */

const pathOf = ({ id }: PlayedSession): string => `/api/v1/sessions/${id}`;
const get = (session: PlayedSession, path = ''): Promise<Response> =>
  ask(`${pathOf(session)}${path}`, { token: session.token });
const info = async (session: PlayedSession): Promise<SessionInfo> =>
  SessionInfo.parse(await (await get(session)).json());
const rename = (session: PlayedSession, name: string): Promise<Response> =>
  ask(pathOf(session), { method: 'PATCH', token: session.token, body: { name } });

/** Runs SQL in the session's actor, and gives the rows. */
const sql = (session: PlayedSession, query: string, ...values: SqlStorageValue[]) =>
  runInDurableObject(session.actor, (_actor, { storage }) => storage.sql.exec(query, ...values).toArray());
const stored = (session: PlayedSession): Promise<string> =>
  runInDurableObject(session.actor, (_actor, { storage }) => dump(storage.sql));
/** Whatever an aborted actor answers. */
const restart = (session: PlayedSession): Promise<unknown> =>
  runInDurableObject(session.actor, (_actor, ctx) => ctx.abort('test')).catch(() => undefined);

describe('what is stored of a session', () => {
  it('holds nothing that people said or saw', async () => {
    const host = await PlayedHost.join();
    const session = await PlayedSession.create({ name: 'marker-name' });
    await host.serve(session.id);
    const viewer = await session.view();
    const { channel } = await viewer.open(['sh', '-c', 'marker-command']);
    viewer.send({ type: 'terminal.rename', requestId: 'r', channel, title: 'marker-title' });
    const { who } = await session.member('viewer', 'marker-person');
    await session.view(undefined, { token: (await session.member('viewer', 'marker-person')).token });
    await rename(session, 'marker-second');
    await viewer.attach(channel, 0);
    host.exit(channel, 0);
    await viewer.take('terminal.exited');
    const everything = await stored(session);
    // What is there at all, so that the search is known to find what is there.
    expect(everything).toContain(session.id);
    expect(everything).toContain(who.userId);
    expect(everything).not.toContain('marker');
    await evictDurableObject(session.actor);
    expect(await info(session)).toMatchObject({
      name: 'marker-second',
      terminals: [{ title: 'marker-title', exit: { exitCode: 0 } }],
    });
    const events = await (await get(session, '/events')).text();
    for (const marker of ['name', 'second', 'title', 'person']) expect(events).toContain(`marker-${marker}`);
  });

  it('holds a mask in the place of a secret that somebody put into a name, in events and state alike', async () => {
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    const session = await PlayedSession.create({ name: `with ${secret}` });
    const viewer = await session.view();
    const opened = await ask(`${pathOf(session)}/terminals`, {
      ...{ method: 'POST', token: session.token, body: { title: secret, command: ['echo', secret] } },
    });
    expect(opened.status).toBe(201);
    viewer.send({ type: 'sync.check' });
    await rename(session, `again ${secret}`);
    const told = [
      await (await get(session)).text(),
      await (await get(session, '/events')).text(),
      await (await get(session, '/state')).text(),
    ];
    for (const each of told) expect(each).not.toContain(secret);
    expect(told.join()).toContain('with [masked:github-token]');
    expect((await info(session)).name).toBe('again [masked:github-token]');
  });

  it('is sealed when an older version left it in the clear, and nothing of it is lost', async () => {
    const session = await PlayedSession.create();
    await runInDurableObject(session.actor, async (_actor, { storage }) => {
      await storage.deleteAll();
      const { entries } = sessionMigrations.journal;
      const before = Object.values(sessionMigrations.migrations).slice(0, 6);
      for (const statement of before.join('--> statement-breakpoint').split('--> statement-breakpoint'))
        storage.sql.exec(statement);
      storage.sql.exec(
        `CREATE TABLE __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric);
         INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('', ?)`,
        entries[5]?.when,
      );
      const { id, owner } = session;
      storage.sql.exec(
        `INSERT INTO session (id, name, owner_id, workspace_id, region, status, created_at_ms, last_accessed_at_ms,
           ttl_ms, idle_timeout_ms, active_tools, last_seq, host_message)
         VALUES (?, 'marker-name', ?, ?, 'local', 'idle', 1, 1, 31536000000, 1, '["marker-tool"]', 2, 'marker-host')`,
        ...[id, owner.userId, owner.workspaceId],
      );
      storage.sql.exec(
        "INSERT INTO members VALUES (?, 'marker-person', 'owner', 1, 0), ('removed', NULL, NULL, 1, 0)",
        owner.userId,
      );
      storage.sql.exec(
        `INSERT INTO terminals (channel, title, cols, rows, state, created_at_ms, exit, command) VALUES
           (1, 'marker-title', 80, 24, 'exited', 1,
            '{"offset":0,"exitCode":3,"signal":null,"reason":"exited","message":"marker-exit"}', '["marker-command"]'),
           (2, 'marker-other', 80, 24, 'exited', 1, NULL, NULL)`,
      );
      storage.sql.exec(
        `INSERT INTO events VALUES (1, 1, 'CREATE', 'session.created', '{"name":"marker-created"}', NULL, ''),
           (2, 1, 'UPDATE', 'session.renamed', '{"name":"marker-name"}', '{"session":{"name":"marker-name"}}', 'abc')`,
      );
    });
    await restart(session);
    expect(await info(session)).toMatchObject({
      ...{ name: 'marker-name', activeTools: ['marker-tool'] },
      terminals: [{ title: 'marker-title', exit: { exitCode: 3, message: 'marker-exit' } }, { channel: 2 }],
    });
    const { events } = z
      .object({ events: z.array(z.object({ subject: z.string(), data: z.record(z.string(), z.unknown()) })) })
      .parse(await (await get(session, '/events')).json());
    expect(events.slice(0, 3)).toEqual([
      { subject: 'session.created', data: { name: 'marker-created' } },
      { subject: 'session.renamed', data: { name: 'marker-name' } },
      { subject: 'session.restated', data: {} },
    ]);
    expect(await (await get(session, '/members')).text()).toContain('marker-person');
    expect(await stored(session)).not.toContain('marker');
    await restart(session);
    expect((await info(session)).name).toBe('marker-name');
  });
});

describe('keys', () => {
  it('that are missing or wrong make the session unavailable, and nothing is lost', async () => {
    const session = await PlayedSession.create({ name: 'kept' });
    const unwrap = vi.spyOn(ConfiguredKek.prototype, 'unwrap');
    unwrap.mockRejectedValue(new VaultError('kek-unknown', 'Put the key back.'));
    await restart(session);
    for (let times = 0; times < 2; times += 1) {
      const problem = await expectProblem(await get(session), 503, 'unavailable');
      expect(problem.detail).toContain('decrypted');
    }
    unwrap.mockRestore();
    expect((await info(session)).name).toBe('kept');
  });
});

describe('a record that was tampered with', () => {
  it.each(['session', 'terminals', 'members'])('in %s keeps the session from starting', async (table) => {
    const session = await PlayedSession.create();
    const viewer = await session.view();
    await viewer.open();
    await sql(session, `UPDATE ${table} SET content = zeroblob(length(content))`);
    await restart(session);
    await expectProblem(await get(session), 503, 'unavailable');
  });

  it('in the log is not told as an event; the state is told instead', async () => {
    const session = await PlayedSession.create();
    await rename(session, 'second');
    await rename(session, 'third');
    // Two records change places.
    await sql(
      session,
      'UPDATE events SET content = (SELECT content FROM events WHERE seq = 1) WHERE seq = 2',
    );
    await expectProblem(await get(session, '/events'), 503, 'unavailable');
    const late = await session.view(undefined, { version: 1, keepWelcome: true });
    expect((await late.take('welcome')).state).toMatchObject({ session: { name: 'third' } });
  });
});

describe('data keys', () => {
  it('are succeeded in time, by alarm, and destroyed when no event needs them', async () => {
    const session = await PlayedSession.create({ name: 'old' });
    await sql(session, 'UPDATE vault_keys SET createdAtMs = createdAtMs - ?', DATA_KEY_MAX_AGE_MS);
    await sql(session, "UPDATE timers SET at_ms = 1 WHERE name = 'keys'");
    await evictDurableObject(session.actor);
    await runDurableObjectAlarm(session.actor);
    const numbers = async () =>
      (await sql(session, 'SELECT number FROM vault_keys')).map(({ number }) => number);
    expect(await numbers()).toEqual([1, 2]);
    const usedBy = 'SELECT DISTINCT hex(substr(content, 2, 4)) AS key FROM';
    expect(await sql(session, `${usedBy} session`)).toEqual([{ key: '00000002' }]);
    await rename(session, 'new');
    expect((await get(session, '/events')).status).toBe(200);
    await sql(session, "DELETE FROM events WHERE hex(substr(content, 2, 4)) = '00000001'");
    await evictDurableObject(session.actor);
    expect((await info(session)).name).toBe('new');
    expect(await numbers()).toEqual([2]);
  });
});

describe('a deleted session', () => {
  it('has no key and no content from the first moment, though its host is still to be told', async () => {
    const host = await PlayedHost.join();
    const session = await PlayedSession.create({ name: 'marker' });
    await host.serve(session.id);
    const viewer = await session.view();
    await viewer.open(['marker']);
    host.data.socket.close(1000, 'gone');
    expect((await ask(pathOf(session), { method: 'DELETE', token: session.token })).status).toBe(204);
    const left = async () => ({
      keys: await sql(session, 'SELECT number, length(wrapped) AS bytes FROM vault_keys'),
      terminals: await sql(session, 'SELECT * FROM terminals'),
      content: await sql(session, 'SELECT content FROM events WHERE length(content) > 0'),
    });
    const nothing = { keys: [{ number: 0, bytes: 0 }], terminals: [], content: [] };
    expect(await left()).toEqual(nothing);
    await restart(session);
    await expectProblem(await get(session), 404, 'not-found');
    expect(await left()).toEqual(nothing);
  });
});
