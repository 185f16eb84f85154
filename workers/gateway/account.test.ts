import { env } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { Account } from '../../protocol/messages/account.ts';
import { WorkspaceMember } from '../../protocol/messages/workspace.ts';
import { ask, createSession, expectProblem, newUser, tokenFor } from '../testing/api.ts';
import { newKey } from '../testing/api-keys.ts';
import { auditRows } from '../testing/audit.ts';
import { PlayedTeam } from '../testing/workspaces.ts';
import { known, MAX_STALENESS_MS } from '../shared/standing.ts';

afterEach(() => void vi.useRealTimers());

const PATH = '/api/v1/account';
const rename = (token: string, displayName: unknown) =>
  ask(PATH, { method: 'PATCH', token, body: { displayName } });
const accountOf = async (token: string) => Account.parse(await (await ask(PATH, { token })).json());
const Named = z.object({ user: z.object({ displayName: z.string() }) });
const nameOf = async (token: string): Promise<string> =>
  Named.parse(await (await ask('/api/v1/auth/me', { token })).json()).user.displayName;

/** Signs somebody in at a provider. */
const signIn = (userId: string, displayName: string) =>
  env.USERS.get(env.USERS.idFromName(userId)).signIn({
    ...{ displayName, workspaceId: userId, label: 'laptop', method: 'oidc', authenticatedAtMs: Date.now() },
    ...{ userAgent: 'test', address: '', requestId: 'request-1' },
    identity: {
      ...{ providerId: 'acme', issuer: 'https://id.acme.test', subject: userId },
      email: 'ada@acme.test',
    },
  });

describe('a name one chose', () => {
  it('holds for every credential, in workspaces, and for who is in a session from the next ticket on', async () => {
    const team = await PlayedTeam.create();
    const ada = await team.join('member', 'ada@acme.test');
    const { id } = await createSession(ada.token);
    const { key } = await newKey(ada.token, ['sessions:read']);
    expect(await nameOf(key)).toBe('ada@acme.test');
    const changed = await rename(ada.token, '  Ada Lovelace ');
    expect(Account.parse(await changed.json())).toEqual({
      ...{ userId: ada.who.userId, displayName: 'Ada Lovelace', chosenName: 'Ada Lovelace' },
      ...{ signInName: null, identities: [] },
    });
    expect([await nameOf(ada.token), await nameOf(key)]).toEqual(['Ada Lovelace', 'Ada Lovelace']);
    const { members } = z
      .object({ members: z.array(WorkspaceMember) })
      .parse(await (await team.ask('GET', '/members')).json());
    expect(members.find(({ userId }) => userId === ada.who.userId)?.displayName).toBe('Ada Lovelace');

    const inSession = async () =>
      z
        .object({ members: z.array(z.object({ displayName: z.string().nullable() })) })
        .parse(await (await ask(`/api/v1/sessions/${id}/members`, { token: ada.token })).json()).members;
    expect(await inSession()).toMatchObject([{ displayName: 'ada@acme.test' }]);
    await ask(`/api/v1/sessions/${id}/tickets`, { method: 'POST', token: ada.token, body: {} });
    expect(await inSession()).toMatchObject([{ displayName: 'Ada Lovelace' }]);
  });

  it('is known elsewhere within 5 s', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const who = newUser();
    const token = await tokenFor(who);
    expect(await nameOf(token)).toBe('Test user');
    // As another isolate would: nothing is forgotten here.
    await env.USERS.get(env.USERS.idFromName(who.userId)).renameUser(who, 'Ada');
    expect(await nameOf(token)).toBe('Test user');
    vi.advanceTimersByTime(MAX_STALENESS_MS);
    expect(await nameOf(token)).toBe('Ada');
  });

  it('outlives sign-ins at a provider, and gives way to the provider’s when it is taken back', async () => {
    const who = newUser();
    const token = await tokenFor(who);
    expect((await signIn(who.userId, 'Ada of Acme'))?.displayName).toBe('Ada of Acme');
    known.names.forget(who.userId);
    expect(await nameOf(token)).toBe('Ada of Acme');
    await rename(token, 'Ada');
    expect((await signIn(who.userId, 'A. Lovelace'))?.displayName).toBe('Ada');
    const mine = await accountOf(token);
    expect(mine).toMatchObject({ displayName: 'Ada', chosenName: 'Ada', signInName: 'A. Lovelace' });
    expect(mine.identities).toEqual([
      {
        ...{ issuer: 'https://id.acme.test', provider: null, email: 'ada@acme.test' },
        createdAt: expect.any(String) as string,
        lastUsedAt: expect.any(String) as string,
      },
    ]);
    expect(Account.parse(await (await rename(token, null)).json()).displayName).toBe('A. Lovelace');
    expect(await nameOf(token)).toBe('A. Lovelace');
  });

  it('is in one’s audit log as an act, once, without the name', async () => {
    const who = newUser();
    const token = await tokenFor(who);
    for (const name of ['Marker Name', 'Marker Name', null]) await rename(token, name);
    const rows = await vi.waitFor(async () => {
      const found = (await auditRows(who.userId)).filter(({ action }) => action === 'user.rename');
      expect(found).toHaveLength(2);
      return found;
    });
    expect(rows.map(({ detail }) => detail)).toEqual([{ chosen: true }, { chosen: false }]);
    expect(JSON.stringify(rows)).not.toContain('Marker');
  });

  it.each(['', '   ', 'a\nb', 'a\u0000', 'a\u202eb', '\u200d', 'x'.repeat(101), 7])(
    'is not %j',
    async (name) => {
      const token = await tokenFor(newUser());
      await expectProblem(await rename(token, name), 400, 'invalid-request');
      expect(await nameOf(token)).toBe('Test user');
    },
  );

  it.each(['ö'.normalize('NFD'), '李小龍', '👩‍🚀 Ada', 'O’Neill, Jr.'])('may be %j', async (name) => {
    const token = await tokenFor(newUser());
    await rename(token, name);
    expect(await nameOf(token)).toBe(name.normalize('NFC'));
  });
});
