import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { CloseCode } from '../../protocol/close-codes.ts';
import { GUEST_TTL_MS, MAX_GUESTS, MAX_SHARE_LINKS, SHARE_LINK_TTL_MS } from '../../protocol/limits.ts';
import { CreatedShareLink, RedeemedShareLink } from '../../protocol/messages/share-link.ts';
import type { Identity } from '../shared/rpc.ts';
import { ask, expectProblem } from '../testing/api.ts';
import { PlayedSession } from '../testing/session.ts';
import { newPerson, PlayedTeam } from '../testing/workspaces.ts';

let session: PlayedSession;
beforeEach(async () => {
  session = await PlayedSession.create();
});
afterEach(() => {
  vi.useRealTimers();
});

const path = (rest = '') => `/api/v1/sessions/${session.id}${rest}`;

async function link(body: Record<string, unknown> = {}): Promise<CreatedShareLink> {
  const answer = await ask(path('/share-links'), { method: 'POST', token: session.token, body });
  expect(answer.status).toBe(201);
  return CreatedShareLink.parse(await answer.json());
}

const redeem = (token: string, bearer: string | null = null, name?: string) =>
  ask('/api/v1/share-links/redeem', { method: 'POST', token: bearer, body: { token, name } });

async function guest(token: string, bearer: string | null = null) {
  const answer = RedeemedShareLink.parse(await (await redeem(token, bearer, 'Gil')).json());
  if (answer.guest === null) throw new Error('no guest');
  return { ...answer.guest, role: answer.role };
}

const revoke = (id: string) => ask(path(`/share-links/${id}`), { method: 'DELETE', token: session.token });
// Of the actor: the clock of some tests is beyond the end of the owner's token.
async function members() {
  const answer = await session.actor.listMembers(session.owner);
  return answer.ok ? answer.value : [];
}

describe('somebody signed in', () => {
  it('becomes a member by the link, and is out with it, at once also where they are connected', async () => {
    const { id, token, url } = await link({ role: 'editor' });
    expect(new URL(url).hash).toBe(`#${token}`);
    const ada = await newPerson('Ada');
    expect(await (await redeem(token, ada.token)).json()).toMatchObject({ role: 'editor', guest: null });
    expect(await members()).toContainEqual(expect.objectContaining({ userId: ada.who.userId, linkId: id }));
    const list = async () => (await ask('/api/v1/sessions', { token: ada.token })).json();
    await expect.poll(list).toMatchObject({ sessions: [{ id: session.id, role: 'editor' }] });
    const viewer = await session.view(undefined, { token: ada.token });
    expect((await revoke(id)).status).toBe(204);
    expect(await viewer.closed()).toBe(CloseCode.Forbidden);
    await expectProblem(await ask(path(), { token: ada.token }), 404, 'not-found');
    await expectProblem(await redeem(token, ada.token), 404, 'not-found');
    await expect.poll(list).toMatchObject({ sessions: [] });
  });

  it('is told of links by no export, unless they are the owner', async () => {
    const { id, token } = await link();
    const ada = await newPerson('Ada');
    await redeem(token, ada.token);
    const exported = async (who: Identity): Promise<string> =>
      JSON.stringify(
        await session.actor.exportPart({ ...who, workspaceId: session.owner.workspaceId }, null),
      );
    expect(await exported(session.owner)).toContain(`"shareLinks":[{"id":"${id}"`);
    expect(await exported(ada.who)).toContain('"shareLinks":[]');
  });

  it('stays what they are by name, and outlives a link they did not need', async () => {
    const { who, token: bearer } = await session.member('editor');
    const { id, token } = await link({ role: 'viewer' });
    expect(await (await redeem(token, bearer)).json()).toMatchObject({ role: 'editor' });
    const uses = await (await ask(path('/share-links'), { token: session.token })).json();
    expect(uses).toMatchObject({ shareLinks: [{ uses: 0 }] });
    await revoke(id);
    expect((await ask(path(), { token: bearer })).status).toBe(200);
    expect(await members()).toContainEqual(expect.objectContaining({ userId: who.userId, linkId: null }));
  });

  it('stays once an owner has named them, whatever becomes of the link', async () => {
    const { id, token } = await link();
    const ada = await newPerson();
    await redeem(token, ada.token);
    const named = { method: 'PUT', token: session.token, body: { role: 'editor' } };
    expect((await ask(path(`/members/${ada.who.userId}`), named)).status).toBe(200);
    await revoke(id);
    expect((await ask(path(), { token: ada.token })).status).toBe(200);
  });
});

describe('a guest', () => {
  it('watches this session, under the name they gave, and gets nowhere else', async () => {
    const { token } = await link();
    const gil = await guest(token);
    expect(gil).toMatchObject({ role: 'viewer', displayName: 'Gil' });
    const viewer = await session.view(undefined, { token: gil.accessToken });
    expect(viewer.role).toBe('viewer');
    const present = await (await ask(path('/participants'), { token: gil.accessToken })).json();
    expect(present).toMatchObject({ participants: [{ userId: gil.userId, displayName: 'Gil' }] });
    const other = await PlayedSession.create();
    const elsewhere = [
      [`/api/v1/sessions/${other.id}`, 'GET', 404],
      ['/api/v1/sessions', 'GET', 403],
      ['/api/v1/sessions', 'POST', 403],
      ['/api/v1/workspaces', 'GET', 403],
      ['/api/v1/auth/me', 'GET', 403],
      ['/api/v1/auth/sign-in-links', 'POST', 403],
      ['/metrics', 'GET', 403],
      [path('/share-links'), 'GET', 403],
      [path(), 'DELETE', 403],
      [path('/transfer'), 'POST', 403],
    ] as const;
    for (const [to, method, status] of elsewhere) {
      const body = method === 'POST' ? { name: 'x', userId: gil.userId } : undefined;
      const answer = await ask(to, {
        method,
        token: gil.accessToken,
        ...(body === undefined ? {} : { body }),
      });
      expect([to, method, answer.status]).toEqual([to, method, status]);
    }
    // A workspace named beside the token changes nothing.
    const headers = { 'alex-workspace': session.owner.workspaceId };
    await expectProblem(await ask('/api/v1/sessions', { token: gil.accessToken, headers }), 403, 'forbidden');
  });

  it('is out when the link is revoked, also where the actor slept meanwhile', async () => {
    const { id, token } = await link({ role: 'editor' });
    const gil = await guest(token);
    const viewer = await session.view(undefined, { token: gil.accessToken });
    await evictDurableObject(session.actor);
    await revoke(id);
    expect(await viewer.closed()).toBe(CloseCode.Forbidden);
    await expectProblem(await ask(path(), { token: gil.accessToken }), 404, 'not-found');
    expect((await members()).map(({ userId }) => userId)).toEqual([session.owner.userId]);
  });

  it('stays the same one when they use the link again with their token, at the cost of no use', async () => {
    const { token } = await link({ maxUses: 1 });
    const first = await guest(token);
    const again = await guest(token, first.accessToken);
    expect(again.userId).toBe(first.userId);
    await expectProblem(await redeem(token), 404, 'not-found');
  });

  it('ends with their hour, and everybody with the link', async () => {
    const { token } = await link({ lifetimeMs: 2 * GUEST_TTL_MS });
    const [gil, ada] = [await guest(token), await newPerson()];
    await redeem(token, ada.token);
    const viewer = await session.view(undefined, { token: gil.accessToken });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + GUEST_TTL_MS + 60_000 });
    await runDurableObjectAlarm(session.actor);
    expect(await viewer.closed()).toBe(CloseCode.Forbidden);
    await expectProblem(await ask(path(), { token: gil.accessToken }), 401, 'unauthenticated');
    expect((await members()).map(({ userId }) => userId)).toEqual([session.owner.userId, ada.who.userId]);
    vi.setSystemTime(Date.now() + GUEST_TTL_MS);
    await runDurableObjectAlarm(session.actor);
    vi.useRealTimers();
    expect((await members()).map(({ userId }) => userId)).toEqual([session.owner.userId]);
  });

  it('cannot be made an owner, or be made up', async () => {
    const gil = await guest((await link()).token);
    const put = (userId: string, role: string) =>
      ask(path(`/members/${userId}`), { method: 'PUT', token: session.token, body: { role } });
    await expectProblem(await put(gil.userId, 'owner'), 400, 'invalid-request');
    await expectProblem(await put('guest_AAAAAAAAAAAAAAAAAAAAAA', 'viewer'), 400, 'invalid-request');
    expect((await put(gil.userId, 'editor')).status).toBe(200);
  });
});

describe('a link', () => {
  it('for who is signed in lets no guest in', async () => {
    const { token } = await link({ signedInOnly: true });
    await expectProblem(await redeem(token), 401, 'unauthenticated');
    expect((await redeem(token, (await newPerson()).token)).status).toBe(200);
  });

  it('is stored as a hash, told once, and good for as long and as often as it says', async () => {
    const { token } = await link({ maxUses: 2 });
    const stored = await runInDurableObject(session.actor, (_actor, state) =>
      JSON.stringify(state.storage.sql.exec('SELECT * FROM share_links').toArray()),
    );
    expect(stored).not.toContain(token.slice(-43));
    const listed = await (await ask(path('/share-links'), { token: session.token })).text();
    expect(listed).not.toContain(token.slice(-43));
    await guest(token);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + SHARE_LINK_TTL_MS + 1 });
    await expectProblem(await redeem(token), 404, 'not-found');
  });

  it('answers a guesser the same, whatever they guess', async () => {
    const { token } = await link();
    const guesses = [token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A'), `alexshare_${'A'.repeat(65)}`];
    const details = [];
    for (const guess of guesses)
      details.push((await expectProblem(await redeem(guess), 404, 'not-found')).detail);
    expect(new Set(details).size).toBe(1);
    await expectProblem(await redeem('alexshare_short'), 400, 'invalid-request');
  });

  it('is in the event log with those who came by it', async () => {
    const { id, token } = await link();
    const gil = await guest(token);
    await revoke(id);
    const events = z
      .object({ events: z.array(z.object({ subject: z.string(), data: z.record(z.string(), z.unknown()) })) })
      .parse(await (await ask(path('/events'), { token: session.token })).json()).events;
    const told = events.filter(({ subject }) => /^(share-link|member)\./.test(subject));
    expect(told.map(({ subject, data }) => [subject, data['id'] ?? data['userId']])).toEqual([
      ['share-link.created', id],
      ['member.added', gil.userId],
      ['share-link.revoked', id],
      ['member.removed', gil.userId],
    ]);
    expect(JSON.stringify(events)).not.toContain(token.slice(-43));
  });

  it('is one of so many, and lets so many guests in', async () => {
    await runInDurableObject(session.actor, (_actor, state) => {
      state.storage.sql.exec(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
         INSERT INTO share_links SELECT 'id' || i, 'hash' || i, 'viewer', 0, 'x', 0, ?, 0, 1, NULL FROM n`,
        MAX_SHARE_LINKS - 1,
        Date.now() + 1_000_000,
      );
    });
    const { token } = await link({ maxUses: MAX_GUESTS + 1 });
    const full = await ask(path('/share-links'), { method: 'POST', token: session.token, body: {} });
    await expectProblem(full, 409, 'limit-exceeded');
    await Promise.all(Array.from({ length: MAX_GUESTS }, () => guest(token)));
    await expectProblem(await redeem(token), 409, 'limit-exceeded');
  });
});

describe('a workspace', () => {
  it('may not want links, nor people from outside', async () => {
    const team = await PlayedTeam.create();
    const id = await team.newSession(team.owner);
    const make = () =>
      team.within(`/api/v1/sessions/${id}/share-links`, team.owner, { method: 'POST', body: {} });
    const { token } = CreatedShareLink.parse(await (await make()).json());
    const { policy } = await team.actor.standing(team.owner.who.userId);
    await team.actor.setPolicy(team.owner.who, { ...policy, outsideSharing: false });
    await expectProblem(await redeem(token), 403, 'forbidden');
    await expectProblem(await redeem(token, (await newPerson()).token), 403, 'forbidden');
    expect((await redeem(token, (await team.join('viewer')).token)).status).toBe(200);
    await team.actor.setPolicy(team.owner.who, { ...policy, shareLinks: false });
    await expectProblem(await make(), 403, 'forbidden');
    await expectProblem(await redeem(token, (await team.join('member')).token), 403, 'forbidden');
  });
});

describe('handing a session over', () => {
  it('goes to a member of the workspace who may have sessions, and leaves an editor', async () => {
    const team = await PlayedTeam.create();
    const id = await team.newSession(team.owner);
    const [ada, eve] = [await team.join('member'), await team.join('viewer')];
    const to = (userId: string) =>
      team.within(`/api/v1/sessions/${id}/transfer`, team.owner, { method: 'POST', body: { userId } });
    await expectProblem(await to(eve.who.userId), 409, 'conflict');
    await expectProblem(await to((await newPerson()).who.userId), 409, 'conflict');
    await expectProblem(await to(team.owner.who.userId), 409, 'conflict');
    expect((await to(ada.who.userId)).status).toBe(204);
    const seen = await team.within(`/api/v1/sessions/${id}`, ada);
    expect(await seen.json()).toMatchObject({ ownerId: ada.who.userId });
    await expectProblem(await to(ada.who.userId), 403, 'forbidden');
  });
});
