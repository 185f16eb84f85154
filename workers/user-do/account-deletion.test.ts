import { env, evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { DELETION_LINGER_MS } from '../shared/deletion-row.ts';
import { ask, expectProblem } from '../testing/api.ts';
import { auditRows } from '../testing/audit.ts';
import { begin, contents, done, progress, SETTLE, userActor } from '../testing/deletions.ts';
import { newPerson, type Person, PlayedTeam } from '../testing/workspaces.ts';

const account = (person: Person) => begin('/api/v1/account', person, person.who.userId);
const workspace = (id: string) => env.WORKSPACES.get(env.WORKSPACES.idFromName(id));
const keyBody = { name: 'late', scopes: ['sessions:read'] };
const Id = z.object({ id: z.string() });

/** The same person on a device, whose tokens end with it. */
async function onDevice(person: Person): Promise<Person> {
  const link = await ask('/api/v1/auth/sign-in-links', { method: 'POST', token: person.token });
  const { url } = z.object({ url: z.string() }).parse(await link.json());
  const token = new URL(url).searchParams.get('token');
  const signedIn = await ask('/api/v1/auth/sign-in', { method: 'POST', body: { token } });
  const { accessToken } = z.object({ accessToken: z.string() }).parse(await signedIn.json());
  return { ...person, token: accessToken };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a deletion of an account that has begun', () => {
  it('goes on as it is when it is begun again, and whoever began it asks after it', async () => {
    const ada = await newPerson();
    const [first, second] = await Promise.all([account(ada), account(ada)]);
    const third = await account(ada);
    expect(new Set([first, second, third].map(({ startedAt }) => startedAt)).size).toBe(1);
    for (const deletion of [first, second, third])
      expect(await progress(deletion)).toMatchObject({ state: 'going', startedAt: first.startedAt });
    await evictDurableObject(userActor(ada.who.userId));
    for (const deletion of [first, second, third])
      expect(await progress(deletion)).toMatchObject({ state: 'going' });
    for (let times = 0; times < 5; times += 1) await account(ada);
    const once = { method: 'DELETE', token: ada.token, body: { confirm: ada.who.userId } };
    await expectProblem(await ask('/api/v1/account', once), 409, 'conflict');
    await done(first);
    for (const deletion of [second, third]) expect(await progress(deletion)).toEqual({ state: 'done' });
  });

  it('leaves nothing of what requests made that were let in before', async () => {
    const ada = await onDevice(await newPerson());
    const { userId } = ada.who;
    expect((await ask('/api/v1/sessions', { token: ada.token })).status).toBe(200);
    // From now on this isolate goes by what it knows of the device, for a while.
    const deletion = await account(ada);
    await expect.poll(() => progress(deletion), SETTLE).toMatchObject({ doing: 'workspaces' });
    await expectProblem(
      await ask('/api/v1/keys', { method: 'POST', token: ada.token, body: keyBody }),
      409,
      'conflict',
    );
    const team = await ask('/api/v1/workspaces', {
      method: 'POST',
      token: ada.token,
      body: { name: 'Late' },
    });
    const { id: teamId } = Id.parse(await team.json());
    for (const path of ['/api/v1/sessions', '/api/v1/audit', `/api/v1/workspaces/${userId}/members`])
      await (await ask(path, { token: ada.token })).text();
    await done(deletion, [userId, teamId]);
    await expectProblem(await ask('/api/v1/auth/me', { token: ada.token }), 401, 'unauthenticated');
    for (const actor of [workspace(userId), workspace(teamId), userActor(userId)])
      expect(await contents(actor)).not.toContain(userId);
  });

  it('stays so long as somebody may come by what an isolate knows, and then is gone', async () => {
    const ada = await newPerson();
    await ask('/api/v1/sessions', { token: ada.token });
    const deletion = await account(ada);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(deletion.startedAt) + DELETION_LINGER_MS - 1 });
    const actors = [workspace(ada.who.userId), userActor(ada.who.userId)];
    for (const actor of actors) await runDurableObjectAlarm(actor);
    expect(await progress(deletion)).toMatchObject({ state: 'going' });
    for (const actor of actors) expect(await contents(actor)).toContain(ada.who.userId);
    vi.useRealTimers();
    await done(deletion);
    expect(await contents(userActor(ada.who.userId))).not.toContain(ada.who.userId);
  });

  it('signs nobody in while it goes', async () => {
    const ada = await newPerson();
    const link = await ask('/api/v1/auth/sign-in-links', { method: 'POST', token: ada.token });
    const { url } = z.object({ url: z.string() }).parse(await link.json());
    await account(ada);
    const body = { token: new URL(url).searchParams.get('token') };
    await expectProblem(await ask('/api/v1/auth/sign-in', { method: 'POST', body }), 401, 'unauthenticated');
  });
});

describe('a workspace whose owners all go at once', () => {
  it('becomes an admin’s, or goes along when nobody else is in it', async () => {
    const team = await PlayedTeam.create();
    const [second, viewer, admin] = [
      await team.join('owner'),
      await team.join('viewer'),
      await team.join('admin'),
    ];
    const deletions = await Promise.all([account(team.owner), account(second)]);
    for (const deletion of deletions) await done(deletion);
    const listed = await team.ask('GET', '/members', { token: viewer.token });
    const { members } = z
      .object({ members: z.array(z.object({ userId: z.string(), role: z.string() })) })
      .parse(await listed.json());
    expect(members.map(({ userId, role }) => `${userId} ${role}`).sort()).toEqual(
      [`${viewer.who.userId} viewer`, `${admin.who.userId} owner`].sort(),
    );
    expect((await auditRows(team.id)).at(-2)).toMatchObject({
      ...{
        action: 'member.role',
        target: { id: admin.who.userId },
        detail: { from: 'admin', role: 'owner' },
      },
    });
    const other = await PlayedTeam.create();
    const third = await other.join('owner');
    const both = await Promise.all([account(other.owner), account(third)]);
    for (const deletion of both) await done(deletion, [deletion.id, other.id]);
    expect(await contents(workspace(other.id))).not.toContain(other.id);
  });
});
