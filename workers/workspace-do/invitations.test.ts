import { env, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { INVITATION_TTL_MS, MAX_INVITATIONS } from '../../protocol/limits.ts';
import { CreatedInvitation, Invitation } from '../../protocol/messages/invitation.ts';
import { ask, expectProblem } from '../testing/api.ts';
import { auditRows } from '../testing/audit.ts';
import { newPerson, PlayedTeam, type Person } from '../testing/workspaces.ts';

let team: PlayedTeam;
beforeEach(async () => {
  team = await PlayedTeam.create();
});
afterEach(() => {
  vi.useRealTimers();
});

async function invite(
  body: Record<string, unknown> = {},
  by: Person = team.owner,
): Promise<CreatedInvitation> {
  const answer = await team.ask('POST', '/invitations', { body, token: by.token });
  expect(answer.status).toBe(201);
  return CreatedInvitation.parse(await answer.json());
}

const accept = (token: string, person: Person) =>
  ask('/api/v1/invitations/accept', { method: 'POST', token: person.token, body: { token } });
async function signInWith({ who }: Person, email: string): Promise<void> {
  const identity = { providerId: 'p', issuer: 'https://issuer.test', subject: who.userId, email };
  const { displayName, workspaceId } = who;
  const facts = { userAgent: '', address: '', requestId: 'request-1' };
  const device = { displayName, workspaceId, ...facts, label: 'test', authenticatedAtMs: Date.now() };
  await env.USERS.get(env.USERS.idFromName(who.userId)).signIn({ ...device, method: 'oidc', identity });
}

const roleOf = async (person: Person) => (await team.actor.standing(person.who.userId)).role;

describe('an invitation', () => {
  it('takes in whoever has the link, as often as it says, and shows who came', async () => {
    const { id, token, url } = await invite({ role: 'viewer', maxUses: 2 });
    expect(new URL(url).hash).toBe(`#${token}`);
    const [ada, bob, eve] = await Promise.all([newPerson('Ada'), newPerson(), newPerson()]);
    expect(await (await accept(token, ada)).json()).toMatchObject({ id: team.id, role: 'viewer' });
    // Who is in already spends nothing and stays what they are.
    expect((await accept(token, team.owner)).status).toBe(200);
    expect((await accept(token, bob)).status).toBe(200);
    expect(await roleOf(team.owner)).toBe('owner');
    await expectProblem(await accept(token, eve), 404, 'not-found');
    expect(await roleOf(eve)).toBeNull();
    const listed = await (await team.ask('GET', '/invitations')).json();
    expect(listed).toMatchObject({ invitations: [{ id, uses: 2, maxUses: 2 }] });
    expect(JSON.stringify(listed)).not.toContain(token);
    const list = await ask('/api/v1/workspaces', { token: ada.token });
    expect(await list.json()).toMatchObject({ workspaces: [{}, { id: team.id, role: 'viewer' }] });
  });

  it('for an address takes in only who has proved it, and once', async () => {
    const { token } = await invite({ email: 'Ada@Example.com' });
    const [ada, eve] = await Promise.all([newPerson(), newPerson()]);
    await signInWith(ada, 'ADA@example.com');
    await signInWith(eve, 'eve@example.com');
    await expectProblem(await accept(token, eve), 403, 'forbidden');
    expect((await accept(token, ada)).status).toBe(200);
    await expectProblem(await accept(token, eve), 404, 'not-found');
    expect(await roleOf(ada)).toBe('member');
    const body = { email: 'ada@example.com', maxUses: 2 };
    await expectProblem(await team.ask('POST', '/invitations', { body }), 400, 'invalid-request');
  });

  it('is good until it ends, and is stored as a hash', async () => {
    const { token } = await invite();
    const stored = await runInDurableObject(team.actor, (_actor, state) =>
      JSON.stringify(state.storage.sql.exec('SELECT * FROM invitations').toArray()),
    );
    expect(stored).not.toContain(token.slice(-43));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + INVITATION_TTL_MS + 1 });
    const late = await newPerson();
    await expectProblem(await accept(token, late), 404, 'not-found');
  });

  it('is worth nothing once it is revoked; revoking again changes nothing', async () => {
    const { id, token } = await invite();
    for (let turn = 0; turn < 2; turn += 1)
      expect((await team.ask('DELETE', `/invitations/${id}`)).status).toBe(204);
    await expectProblem(await accept(token, await newPerson()), 404, 'not-found');
    await expectProblem(await team.ask('DELETE', '/invitations/AAAAAAAAAAAA'), 404, 'not-found');
  });

  it('answers a guesser the same, whatever they guess', async () => {
    const { token } = await invite();
    const eve = await newPerson();
    const guesses = [token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A'), `alexinv_${'A'.repeat(65)}`];
    const answers = [];
    for (const guess of guesses)
      answers.push((await expectProblem(await accept(guess, eve), 404, 'not-found')).detail);
    expect(new Set(answers).size).toBe(1);
    await expectProblem(await accept('alexinv_short', eve), 400, 'invalid-request');
  });

  it('is not into a workspace of one person, and there are not too many', async () => {
    const { token, who } = await newPerson();
    const path = `/api/v1/workspaces/${who.userId}/invitations`;
    await expectProblem(await ask(path, { method: 'POST', token, body: {} }), 409, 'conflict');
    await runInDurableObject(team.actor, (_actor, state) => {
      state.storage.sql.exec(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
         INSERT INTO invitations SELECT 'id' || i, 'hash' || i, NULL, 'viewer', 'x', 0, ?, 0, 1, NULL FROM n`,
        MAX_INVITATIONS,
        Date.now() + 1_000_000,
      );
    });
    await expectProblem(await team.ask('POST', '/invitations', { body: {} }), 409, 'limit-exceeded');
  });

  it('is an act in the audit log, as is coming by it', async () => {
    const { token, id } = await invite({ role: 'admin' });
    const ada = await newPerson();
    await accept(token, ada);
    const rows = await auditRows(team.id);
    expect(rows.map(({ action, actor }) => [action, actor.userId])).toEqual([
      ['workspace.create', team.owner.who.userId],
      ['invitation.create', team.owner.who.userId],
      ['invitation.accept', ada.who.userId],
    ]);
    expect(rows[1]?.target).toEqual({ kind: 'invitation', id });
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(Invitation.safeParse(rows[1]).success).toBe(false);
  });
});
