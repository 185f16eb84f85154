import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { beforeEach, describe, expect, it } from 'vitest';
import { CloseCode } from '../../protocol/close-codes.ts';
import { CreatedInvitation } from '../../protocol/messages/invitation.ts';
import { WorkspaceRole } from '../../protocol/messages/workspace.ts';
import { ask, expectProblem } from '../testing/api.ts';
import { PlayedSession } from '../testing/session.ts';
import { PlayedTeam, type Person } from '../testing/workspaces.ts';
import { mayAssign, mayInWorkspace, WORKSPACE_PERMISSIONS, type WorkspaceAction } from './permissions.ts';

const ROLES = WorkspaceRole.options;
let team: PlayedTeam;
beforeEach(async () => {
  team = await PlayedTeam.create();
});

const member = (method: string, person: Person, by: Person = team.owner, body?: unknown) =>
  team.ask(method, `/members/${person.who.userId}`, {
    token: by.token,
    ...(body === undefined ? {} : { body }),
  });

/** A viewer of a session of the team. */
async function watch(sessionId: string, person: Person) {
  const session = new PlayedSession(sessionId, person.who, person.token);
  return session.view(undefined, { headers: { 'alex-workspace': team.id } });
}

describe('the table', () => {
  it('gives every role all that the next lower one may', () => {
    for (const action of Object.keys(WORKSPACE_PERMISSIONS) as WorkspaceAction[]) {
      const may = ROLES.map((role) => mayInWorkspace(role, action));
      expect(may, action).toEqual(may.toSorted((a, b) => Number(b) - Number(a)));
      expect(mayInWorkspace(null, action), action).toBe(false);
    }
  });

  it('lets only owners make and unmake owners, and nobody below an admin change anybody', () => {
    for (const role of ROLES)
      for (const from of ROLES)
        for (const to of [...ROLES, null]) {
          const touchesOwner = from === 'owner' || to === 'owner';
          const expected = role === 'owner' || (role === 'admin' && !touchesOwner);
          expect(mayAssign(role, from, to), `${role}: ${from} to ${String(to)}`).toBe(expected);
        }
  });
});

describe('a session', () => {
  it('is there only while its workspace is the current one, also for its owner', async () => {
    const [ada, other] = [await team.join('member'), await PlayedTeam.create()];
    await other.takeIn(ada, 'admin');
    const path = `/api/v1/sessions/${await team.newSession(ada)}`;
    expect((await team.within(path, ada)).status).toBe(200);
    const body = { role: 'viewer' };
    for (const elsewhere of [other.id, ada.who.userId]) {
      const from = { token: ada.token, headers: { 'alex-workspace': elsewhere } };
      await expectProblem(await ask(path, from), 404, 'not-found');
      for (const [method, below] of [
        ['DELETE', ''],
        ['POST', '/tickets'],
      ] as const)
        await expectProblem(await ask(`${path}${below}`, { ...from, method, body }), 404, 'not-found');
    }
    expect((await team.within(path, ada)).status).toBe(200);
  });
});

describe('each role', () => {
  it('may do what the table says, of every call that changes something', async () => {
    const target = await team.join('viewer');
    const calls: Record<string, [WorkspaceAction, (by: Person) => Promise<Response>]> = {
      rename: ['rename', (by) => team.ask('PATCH', '', { token: by.token, body: { name: 'New' } })],
      invite: ['invitations.create', (by) => team.ask('POST', '/invitations', { token: by.token, body: {} })],
      invitations: ['invitations.list', (by) => team.ask('GET', '/invitations', { token: by.token })],
      revoke: [
        'invitations.revoke',
        (by) => team.ask('DELETE', '/invitations/AAAAAAAAAAAA', { token: by.token }),
      ],
      members: ['members.list', (by) => team.ask('GET', '/members', { token: by.token })],
      set: ['members.set', (by) => member('PUT', target, by, { role: 'viewer' })],
      session: [
        'sessions.create',
        (by) => team.within('/api/v1/sessions', by, { method: 'POST', body: { name: 'x' } }),
      ],
      transfer: [
        'transfer',
        (by) => team.ask('POST', '/transfer', { token: by.token, body: { userId: 'nobody' } }),
      ],
    };
    for (const role of ROLES) {
      const person = await team.join(role);
      for (const [name, [action, call]] of Object.entries(calls)) {
        const { status } = await call(person);
        expect(status === 403, `${role} ${name}: ${status}`).toBe(!mayInWorkspace(role, action));
      }
    }
  });
});

describe('whoever is taken off', () => {
  it('is out of its sessions at once: sockets closed, nothing there any more, the owner is its successor', async () => {
    const ada = await team.join('member');
    const id = await team.newSession(ada);
    const viewer = await watch(id, ada);
    expect((await member('DELETE', ada)).status).toBe(204);
    expect(await viewer.closed()).toBe(CloseCode.Forbidden);
    await expectProblem(await team.within(`/api/v1/sessions/${id}`, ada), 404, 'not-found');
    await expectProblem(await ask(`/api/v1/sessions/${id}`, { token: ada.token }), 404, 'not-found');
    const session = await team.within(`/api/v1/sessions/${id}`, team.owner);
    expect(await session.json()).toMatchObject({ ownerId: team.owner.who.userId });
    const list = await ask('/api/v1/workspaces', { token: ada.token });
    expect(await list.json()).toMatchObject({ workspaces: [{ kind: 'personal' }] });
  });

  it('may come back, and is not thrown out again by what was to be done before', async () => {
    const ada = await team.join('member');
    await member('DELETE', ada);
    await team.takeIn(ada, 'member');
    const id = await team.newSession(ada);
    await evictDurableObject(team.actor);
    await team.ask('GET', '/members');
    expect((await team.within(`/api/v1/sessions/${id}`, ada)).status).toBe(200);
  });
});

describe('whoever becomes a viewer', () => {
  it('only watches in its sessions, from then on', async () => {
    const ada = await team.join('member');
    const id = await team.newSession(ada);
    const viewer = await watch(id, ada);
    expect((await member('PUT', ada, team.owner, { role: 'viewer' })).status).toBe(200);
    expect((await viewer.take('role')).role).toBe('viewer');
    const rename = { method: 'PATCH', body: { name: 'x' } };
    await expectProblem(await team.within(`/api/v1/sessions/${id}`, ada, rename), 403, 'forbidden');
    const share = { method: 'PUT', body: { role: 'editor' } };
    const path = `/api/v1/sessions/${id}/members/${ada.who.userId}`;
    await expectProblem(await team.within(path, team.owner, share), 403, 'forbidden');
  });

  it('by coming back only watches, also in a session that had not heard of the leaving', async () => {
    const ada = await team.join('member');
    const id = await team.newSession(team.owner);
    expect((await member('DELETE', ada)).status).toBe(204);
    const [{ userId }, successor] = [ada.who, team.owner.who.userId];
    // As after a removal that this session's actor did not answer: an editor there, and nothing in the workspace.
    const path = `/api/v1/sessions/${id}/members/${userId}`;
    const share = { method: 'PUT', body: { role: 'editor' } };
    expect((await team.within(path, team.owner, share)).status).toBe(200);
    const made = await team.ask('POST', '/invitations', { body: { role: 'viewer' } });
    const { token } = CreatedInvitation.parse(await made.json());
    await runInDurableObject(team.actor, (_, { storage }) => {
      storage.sql.exec('INSERT INTO role_changes VALUES (?, ?, ?, NULL)', userId, id, successor);
    });
    const accept = { method: 'POST', token: ada.token, body: { token } };
    expect((await ask('/api/v1/invitations/accept', accept)).status).toBe(200);
    await runInDurableObject(team.actor, (actor) => actor.alarm());
    const rename = { method: 'PATCH', body: { name: 'x' } };
    await expectProblem(await team.within(`/api/v1/sessions/${id}`, ada, rename), 403, 'forbidden');
    expect((await team.within(`/api/v1/sessions/${id}`, ada)).status).toBe(200);
  });
});

describe('owners', () => {
  it('stay: the last one neither leaves nor becomes less', async () => {
    await expectProblem(await member('DELETE', team.owner), 409, 'conflict');
    await expectProblem(await member('PUT', team.owner, team.owner, { role: 'admin' }), 409, 'conflict');
    const second = await team.join('owner');
    expect((await member('DELETE', team.owner)).status).toBe(204);
    expect((await team.actor.standing(second.who.userId)).role).toBe('owner');
  });

  it('are not touched by admins', async () => {
    const admin = await team.join('admin');
    await expectProblem(await member('DELETE', team.owner, admin), 403, 'forbidden');
    await expectProblem(await member('PUT', admin, admin, { role: 'owner' }), 403, 'forbidden');
  });

  it('hand a workspace over to a member, and stay as admins', async () => {
    const ada = await team.join('viewer');
    const transfer = (userId: string) => team.ask('POST', '/transfer', { body: { userId } });
    await expectProblem(await transfer('nobody'), 404, 'not-found');
    await expectProblem(await transfer(team.owner.who.userId), 409, 'conflict');
    expect((await transfer(ada.who.userId)).status).toBe(204);
    expect((await team.actor.standing(ada.who.userId)).role).toBe('owner');
    expect((await team.actor.standing(team.owner.who.userId)).role).toBe('admin');
    await expectProblem(await transfer(ada.who.userId), 403, 'forbidden');
  });
});

describe('the policy', () => {
  it('is set by admins, holds for everybody, and locks nobody out who sets it', async () => {
    const [admin, ada] = [await team.join('admin'), await team.join('member')];
    const put = (body: unknown, headers = {}) =>
      team.ask('PUT', '/policy', { token: admin.token, body, headers });
    const from = (address: string) => ({ 'cf-connecting-ip': address });
    const networks = ['192.0.2.0/24'];
    await expectProblem(await put({ networks }, from('198.51.100.1')), 409, 'conflict');
    expect((await put({ networks, shareLinks: false }, from('192.0.2.7'))).status).toBe(200);
    const read = await team.ask('GET', '/policy', { token: admin.token, headers: from('192.0.2.7') });
    expect(await read.json()).toMatchObject({ networks, shareLinks: false, outsideSharing: true });
    const members = (address: string) =>
      team.ask('GET', '/members', { token: ada.token, headers: from(address) });
    await expectProblem(await members('198.51.100.1'), 403, 'forbidden');
    expect((await members('192.0.2.9')).status).toBe(200);
  });
});

describe('what may act for people', () => {
  it('is told by how they prove who they are, and whoever sets it has to be one of them', async () => {
    const admin = await team.join('admin');
    const put = (agents: string[]) => team.ask('PUT', '/policy', { token: admin.token, body: { agents } });
    await expectProblem(await put(['browser', 'api-key']), 409, 'conflict');
    const byProgram = () => team.ask('GET', '/members', { token: admin.token });
    const byBrowser = () =>
      ask(`/api/v1/workspaces/${team.id}/members`, {
        headers: {
          cookie: `__Host-alex_access=${admin.token}; alex_access=${admin.token}`,
          'user-agent': 'curl',
        },
      });
    expect((await byBrowser()).status).toBe(200);
    expect((await put(['program'])).status).toBe(200);
    expect((await byProgram()).status).toBe(200);
    await expectProblem(await byBrowser(), 403, 'forbidden');
  });
});

describe('a session of the workspace', () => {
  it('is shared with people from outside only where the workspace allows it', async () => {
    const id = await team.newSession(team.owner);
    const outside = await (await PlayedTeam.create()).join('member');
    const share = () =>
      team.within(`/api/v1/sessions/${id}/members/${outside.who.userId}`, team.owner, {
        ...{ method: 'PUT', body: { role: 'editor' } },
      });
    expect((await share()).status).toBe(200);
    expect((await ask(`/api/v1/sessions/${id}`, { token: outside.token })).status).toBe(200);
    const list = async () => (await ask('/api/v1/sessions', { token: outside.token })).json();
    await expect.poll(list).toMatchObject({ sessions: [{ id, workspaceId: team.id, role: 'editor' }] });
    const { policy } = await team.actor.standing(team.owner.who.userId);
    await team.actor.setPolicy(team.owner.who, { ...policy, outsideSharing: false });
    const other = await (await PlayedTeam.create()).join('member');
    const path = `/api/v1/sessions/${id}/members/${other.who.userId}`;
    const again = await team.within(path, team.owner, { method: 'PUT', body: { role: 'viewer' } });
    await expectProblem(again, 403, 'forbidden');
  });
});
