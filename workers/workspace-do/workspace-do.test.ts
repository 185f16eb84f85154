import { env, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Workspace } from '../../protocol/messages/workspace.ts';
import { ask, expectProblem } from '../testing/api.ts';
import { newPerson, PlayedTeam, type Person } from '../testing/workspaces.ts';

const List = z.object({ workspaces: z.array(Workspace) });
const Sessions = z.object({ sessions: z.array(z.object({ id: z.string(), workspaceId: z.string() })) });

const listOf = async ({ token }: Person) =>
  List.parse(await (await ask('/api/v1/workspaces', { token })).json()).workspaces;
const workspace = (id: string) => env.WORKSPACES.get(env.WORKSPACES.idFromName(id));

describe("a person's own workspace", () => {
  it('is there from the first use, with its person as the owner, and for nobody else', async () => {
    const ada = await newPerson();
    expect(await workspace(ada.who.userId).standing('somebody')).toMatchObject({ role: null });
    expect(await workspace(ada.who.userId).standing(ada.who.userId)).toMatchObject({ role: 'owner' });
    await evictDurableObject(workspace(ada.who.userId));
    expect(await listOf(ada)).toMatchObject([{ id: ada.who.userId, kind: 'personal', role: 'owner' }]);
    expect(await workspace(ada.who.userId).standing('somebody')).toMatchObject({ role: null });
  });

  it("never comes into being in a team's place", async () => {
    const id = 'w_AAAAAAAAAAAAAAAAAAAAAA';
    expect(await workspace(id).standing(id)).toMatchObject({ role: null });
  });
});

describe("a team's workspace", () => {
  let team: PlayedTeam;
  beforeEach(async () => {
    team = await PlayedTeam.create('Builders');
  });

  it('is made by its owner, is on the list, and can be renamed there', async () => {
    expect(await listOf(team.owner)).toMatchObject([
      { kind: 'personal' },
      { id: team.id, name: 'Builders', kind: 'team', role: 'owner' },
    ]);
    expect((await team.ask('PATCH', '', { body: { name: 'Makers' } })).status).toBe(200);
    expect((await listOf(team.owner))[1]?.name).toBe('Makers');
  });

  it('is made once for one idempotency key', async () => {
    const { token } = await newPerson();
    const make = () =>
      ask('/api/v1/workspaces', {
        ...{ method: 'POST', token, body: { name: 'Once' }, headers: { 'idempotency-key': 'k' } },
      });
    expect(await (await make()).json()).toEqual(await (await make()).json());
  });

  it('answers whoever is not in it as one that does not exist', async () => {
    const stranger = await newPerson();
    const nowhere = 'w_AAAAAAAAAAAAAAAAAAAAAA';
    const asks = [
      ['GET', ''],
      ['GET', '/members'],
      ['PATCH', '', { name: 'Mine' }],
      ['PUT', `/members/${team.owner.who.userId}`, { role: 'viewer' }],
      ['DELETE', `/members/${team.owner.who.userId}`],
      ['POST', '/transfer', { userId: stranger.who.userId }],
    ] as const;
    for (const [method, path, body] of asks) {
      const bodies = [];
      for (const id of [team.id, nowhere]) {
        const more = { method, token: stranger.token, ...(body === undefined ? {} : { body }) };
        const problem = await expectProblem(
          await ask(`/api/v1/workspaces/${id}${path}`, more),
          404,
          'not-found',
        );
        bodies.push({ ...problem, requestId: '' });
      }
      expect(bodies[0]).toEqual(bodies[1]);
    }
    for (const id of [team.id, nowhere, team.owner.who.userId]) {
      const headers = { 'alex-workspace': id };
      const answer = await ask('/api/v1/sessions', { token: stranger.token, headers });
      await expectProblem(answer, 404, 'not-found');
    }
  });

  it('has sessions of its own, which are not in other workspaces of their members', async () => {
    const id = await team.newSession(team.owner);
    const there = await team.within('/api/v1/sessions', team.owner);
    expect(Sessions.parse(await there.json()).sessions).toEqual([{ id, workspaceId: team.id }]);
    const own = await ask('/api/v1/sessions', { token: team.owner.token });
    expect(Sessions.parse(await own.json()).sessions).toEqual([]);
    expect((await team.within(`/api/v1/sessions/${id}`, team.owner)).status).toBe(200);
    await expectProblem(await ask(`/api/v1/sessions/${id}`, { token: team.owner.token }), 404, 'not-found');
  });

  it('tells the list again until it is told', async () => {
    const { userId } = team.owner.who;
    const user = env.USERS.get(env.USERS.idFromName(userId));
    await user.removeWorkspace(team.id);
    await runInDurableObject(team.actor, (_actor, state) => {
      state.storage.sql.exec('UPDATE members SET listDirty = 1');
    });
    // A start without a request: as after a crash.
    await evictDurableObject(team.actor);
    await team.actor.standing('nobody');
    await runDurableObjectAlarm(team.actor);
    await expect.poll(async () => (await user.listWorkspaces()).map(({ id }) => id)).toContain(team.id);
  });
});
