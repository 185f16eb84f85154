import { env, evictDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { CloseCode } from '../../protocol/close-codes.ts';
import { ask, expectProblem } from '../testing/api.ts';
import { auditRows } from '../testing/audit.ts';
import { begin, contents, done, progress, SETTLE, userActor } from '../testing/deletions.ts';
import { PlayedHost, PlayedSession } from '../testing/session.ts';
import { newPerson, type Person, PlayedTeam } from '../testing/workspaces.ts';

let team: PlayedTeam;
afterEach(() => {
  vi.useRealTimers();
});
beforeEach(async () => {
  team = await PlayedTeam.create('Marked team');
});

const user = ({ who }: Person) => userActor(who.userId);
const session = (id: string) => env.SESSIONS.get(env.SESSIONS.idFromName(id));

/** Whatever the session had on a host is deleted there, as it asks. */
async function endSandbox(host: PlayedHost, id: string): Promise<void> {
  await host.serve(id);
  await host.data.until(() => host.told.find(({ type }) => type === 'sandbox.destroy'), 'the end');
  host.data.send({ type: 'sandbox.stopped', reason: 'destroyed' });
}

async function lines(path: string, person: Person): Promise<Record<string, unknown>[]> {
  const answer = await ask(path, { token: person.token });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('application/x-ndjson');
  const text = await answer.text();
  return text
    .trimEnd()
    .split('\n')
    .map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)));
}

describe('deleting a workspace', () => {
  it('is for its owners, by its name, and not for a person’s own', async () => {
    const path = `/api/v1/workspaces/${team.id}`;
    const [admin, stranger] = [await team.join('admin'), await newPerson()];
    const ask1 = (token: string, confirm: string, to = path) =>
      ask(to, { method: 'DELETE', token, body: { confirm } });
    await expectProblem(await ask1(team.owner.token, 'marked team'), 400, 'invalid-request');
    await expectProblem(await ask1(admin.token, 'Marked team'), 403, 'forbidden');
    await expectProblem(await ask1(stranger.token, 'Marked team'), 404, 'not-found');
    const own = `/api/v1/workspaces/${stranger.who.userId}`;
    await expectProblem(await ask1(stranger.token, 'Personal', own), 409, 'conflict');
    expect((await team.ask('GET', '')).status).toBe(200);
  });

  it('puts everybody out at once and leaves nothing in any actor', async () => {
    const [host, ada] = [await PlayedHost.join(), await team.join('member', 'Ada')];
    const id = await team.newSession(ada, 'marked session');
    const played = new PlayedSession(id, ada.who, ada.token);
    const viewer = await played.view(undefined, { headers: { 'alex-workspace': team.id } });
    await team.ask('POST', '/invitations', { body: { email: 'marked@example.com' } });
    const deletion = await begin(`/api/v1/workspaces/${team.id}`, team.owner, 'Marked team');
    await expectProblem(await team.ask('GET', ''), 404, 'not-found');
    await expectProblem(await team.within('/api/v1/sessions', ada), 404, 'not-found');
    await endSandbox(host, id);
    await done(deletion);
    expect(await viewer.closed()).toBe(CloseCode.Gone);
    expect(await contents(session(id))).toBe('');
    const left = await contents(team.actor);
    for (const marker of ['Marked', 'marked', team.id, ada.who.userId, team.owner.who.userId])
      expect(left).not.toContain(marker);
    for (const person of [ada, team.owner]) expect(await contents(user(person))).not.toContain(team.id);
  });

  it('goes on after the actor died, until the last sandbox is gone', async () => {
    const host = await PlayedHost.join();
    const id = await team.newSession(team.owner);
    const played = new PlayedSession(id, team.owner.who, team.owner.token);
    const viewer = await played.view(undefined, { headers: { 'alex-workspace': team.id } });
    viewer.send({ type: 'terminal.open', requestId: 'r', size: { cols: 80, rows: 24 } });
    await viewer.take('terminal.opened');
    const deletion = await begin(`/api/v1/workspaces/${team.id}`, team.owner, 'Marked team');
    await expect.poll(() => progress(deletion), SETTLE).toMatchObject({ state: 'going', sessionsLeft: 1 });
    await evictDurableObject(team.actor);
    expect(await progress(deletion)).toMatchObject({ state: 'going', sessionsLeft: 1 });
    // Who has not the secret learns nothing.
    expect(await progress({ ...deletion, token: 'A'.repeat(43) })).toEqual({ state: 'done' });
    await endSandbox(host, id);
    await done(deletion);
    expect(await contents(session(id))).toBe('');
  });
});

describe('deleting an account', () => {
  it('is for oneself, by one’s id, and leaves no workspace of others without an owner', async () => {
    await team.join('viewer');
    const body = (confirm: string) => ({ method: 'DELETE', token: team.owner.token, body: { confirm } });
    await expectProblem(await ask('/api/v1/account', body('me')), 400, 'invalid-request');
    const refused = await ask('/api/v1/account', body(team.owner.who.userId));
    expect((await expectProblem(refused, 409, 'conflict')).detail).toContain('Marked team');
  });

  it('takes along what is the person’s alone, and the person out of what is others’', async () => {
    const [host, ada] = [await PlayedHost.join(), await newPerson('Marked Ada')];
    await team.takeIn(ada, 'member');
    const inTeam = await team.newSession(ada);
    const alone = await ask('/api/v1/workspaces', {
      method: 'POST',
      token: ada.token,
      body: { name: 'Alone' },
    });
    const { id: aloneId } = z.object({ id: z.string() }).parse(await alone.json());
    const made = await ask('/api/v1/sessions', {
      method: 'POST',
      token: ada.token,
      body: { name: 'marked' },
    });
    const { id: own } = z.object({ id: z.string() }).parse(await made.json());
    const other = await PlayedSession.create();
    const share = { method: 'PUT', token: other.token, body: { role: 'editor' } };
    await ask(`/api/v1/sessions/${other.id}/members/${ada.who.userId}`, share);
    await expect.poll(() => contents(user(ada))).toContain(other.id);
    const key = { method: 'POST', token: ada.token, body: { name: 'marked key', scopes: ['sessions:read'] } };
    const { id: keyId } = z.object({ id: z.string() }).parse(await (await ask('/api/v1/keys', key)).json());
    const deletion = await begin('/api/v1/account', ada, ada.who.userId);
    await endSandbox(host, own);
    await done(deletion, [ada.who.userId, aloneId]);
    expect(await contents(session(own))).toBe('');
    for (const id of [ada.who.userId, aloneId]) {
      const left = await contents(env.WORKSPACES.get(env.WORKSPACES.idFromName(id)));
      expect(left).not.toContain(ada.who.userId);
    }
    expect(await contents(env.KEYS.get(env.KEYS.idFromName(keyId)))).not.toContain('marked');
    const left = await contents(user(ada));
    for (const marker of [keyId, ada.who.userId, own, other.id, team.id, aloneId])
      expect(left).not.toContain(marker);
    const members = await (await team.ask('GET', '/members')).text();
    expect(members).not.toContain(ada.who.userId);
    const taken = await team.within(`/api/v1/sessions/${inTeam}`, team.owner);
    expect(await taken.json()).toMatchObject({ ownerId: team.owner.who.userId });
    expect(await other.actor.listMembers(other.owner)).toMatchObject({
      value: [{ userId: other.owner.userId }],
    });
  });
});

describe('an export', () => {
  it('of a workspace has everything held of it, but no secret, and is for owners', async () => {
    const ada = await team.join('member', 'Ada');
    const id = await team.newSession(ada, 'exported session');
    const invited = await (await team.ask('POST', '/invitations', { body: {} })).json();
    const { token } = z.object({ token: z.string() }).parse(invited);
    const path = `/api/v1/workspaces/${team.id}/export`;
    const all = await lines(path, team.owner);
    const text = JSON.stringify(all);
    expect(all[0]).toMatchObject({ type: 'export', of: 'workspace', id: team.id });
    expect(all.at(-1)).toEqual({ type: 'end', lines: all.length - 1 });
    const types = new Set(all.map(({ type }) => type));
    expect([...types].sort()).toEqual(
      [
        'end',
        'export',
        'invitation',
        'member',
        'session',
        'session-event',
        'session-member',
        'workspace',
      ].sort(),
    );
    expect(all).toContainEqual(expect.objectContaining({ type: 'session', id, name: 'exported session' }));
    expect(text).not.toContain(token.slice(-43));
    await expectProblem(await ask(path, { token: ada.token }), 403, 'forbidden');
    const log = await auditRows(team.id);
    expect(log.map(({ action }) => action)).toContain('workspace.export');
  });

  it('of an account has the person, their workspaces and sessions, all events of them', async () => {
    const ada = await newPerson('Ada');
    await team.takeIn(ada, 'member');
    const id = await team.newSession(ada, 'first name');
    for (let turn = 0; turn < 250; turn += 1)
      await session(id).rename({ ...ada.who, workspaceId: team.id }, `${'a long name '.repeat(100)}${turn}`);
    await expect.poll(() => contents(user(ada))).toContain(id);
    const all = await lines('/api/v1/account/export', ada);
    expect(all).toContainEqual(expect.objectContaining({ type: 'profile', userId: ada.who.userId }));
    expect(all).toContainEqual(expect.objectContaining({ type: 'membership', id: team.id, role: 'member' }));
    const events = all.filter(({ type }) => type === 'session-event');
    const versions = events.map(({ event }) => z.object({ version: z.number() }).parse(event).version);
    expect(versions).toEqual(versions.map((_version, at) => at + 1));
    expect(versions.length).toBeGreaterThan(30);
  });
});
