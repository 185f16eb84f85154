import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { api, createSession, type Target } from './support/api.ts';
import { CliMachine, type CliRun } from './support/cli.ts';
import { personOn } from './support/people.ts';
import { tablesWith } from './support/postgres.ts';
import { Stack } from './support/stack.ts';

/** `alex` with a team: its workspace, invitations, links to sessions, export, and the end of it all. */
let stack: Stack;
let ada: Target;
let machine: CliMachine;

beforeAll(async () => {
  stack = await Stack.start();
  ada = await personOn(stack, 'ada', 'Ada Lovelace');
});
afterAll(() => stack.stop());
beforeEach(() => {
  machine = new CliMachine();
});
afterEach(() => machine.dispose());

const alex = (args: readonly string[], who: Target = stack, env = {}): Promise<CliRun> =>
  machine.run(args, { env: { ALEX_URL: who.url, ALEX_TOKEN: who.token, ...env } });
const json = (run: CliRun): unknown => JSON.parse(run.stdout);
const ok = { code: 0 };
const TOLD = { timeout: 20_000, interval: 200 };

it('makes a workspace, lets somebody in, and deletes it with everything', async () => {
  const made = await alex(['workspaces', 'create', 'Builders']);
  expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^w_[\w-]{22}\n$/) });
  const id = made.stdout.trim();
  expect(await alex(['workspaces', 'use', 'Builders'])).toMatchObject(ok);
  expect((await alex(['workspaces'])).stdout).toMatch(new RegExp(`^\\* +${id} +Builders +team +owner$`, 'm'));
  const session = await alex(['new', 'shared', '--json']);
  expect(json(session)).toMatchObject({ name: 'shared', workspaceId: id });
  expect(json(await alex(['ls', '--json', '--workspace', 'local']))).not.toContainEqual(
    expect.objectContaining({ name: 'shared' }),
  );
  const invited = await alex(['workspaces', 'invite', '--role', 'admin', '--expires', '1h']);
  expect(invited).toMatchObject({ code: 0, stdout: expect.stringMatching(/\/invitation#alexinv_/) });
  expect(await alex(['invitations', 'accept', invited.stdout.trim()], ada)).toMatchObject(ok);
  expect(
    await alex(['invitations', 'accept', invited.stdout.trim()], await personOn(stack, 'eve', 'Eve')),
  ).toMatchObject({ code: 4 });
  expect(json(await alex(['workspaces', 'members', '--json']))).toMatchObject([
    { userId: 'local', role: 'owner' },
    { userId: 'ada', role: 'admin' },
  ]);
  expect(await alex(['workspaces', 'role', 'ada', 'member'])).toMatchObject(ok);
  const policy = join(mkdtempSync(join(tmpdir(), 'alex-policy-')), 'policy.json');
  writeFileSync(policy, '{"agents":["browser","program"]}');
  expect(json(await alex(['workspaces', 'policy', '--set', policy]))).toMatchObject({ networks: null });
  expect(json(await alex(['workspaces', 'policy', 'Builders']))).toMatchObject({
    agents: ['browser', 'program'],
  });
  writeFileSync(policy, '{"agents":["anybody"]}');
  expect(await alex(['workspaces', 'policy', '--set', policy])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('agents[0]'),
  });
  const exported = await alex(['workspaces', 'export']);
  expect(exported.stdout).toMatch(/\n\{"type":"end","lines":\d+\}\n$/);
  // The directory knows it, and the session in it, before the end.
  await expect
    .poll(() => tablesWith(stack, id), TOLD)
    .toEqual(expect.arrayContaining(['invitations', 'memberships', 'sessions', 'workspaces']));
  expect(await alex(['workspaces', 'delete', 'Builders'])).toMatchObject({ code: 2 });
  expect(await alex(['workspaces', 'delete', 'Builders', '--confirm', 'Other'])).toMatchObject({ code: 1 });
  // It goes on after the edge was killed, and the audit log stays.
  const begun = await alex(['workspaces', 'delete', 'Builders', '--confirm', 'Builders', '--no-wait']);
  expect(begun).toMatchObject({ code: 0, stderr: expect.stringMatching(/by itself\.\n$/) });
  await stack.killAndWaitForNext('edge');
  await expect.poll(() => tablesWith(stack, id), TOLD).toEqual(['audit']);
  expect((await alex(['workspaces'], ada)).stdout).not.toContain(id);
});

it('says what is used and where it runs, the machines to operators alone', async () => {
  expect(json(await alex(['usage', '--json']))).toMatchObject({ used: { userSessions: expect.any(Number) } });
  expect((await alex(['usage'])).stdout).toMatch(/^LIMIT +USED +OF\nyour sessions +\d+ +[\d,]+\n/);
  const [host] = z.array(z.object({ hostId: z.string() })).parse(json(await alex(['hosts', '--json'])));
  expect((await alex(['hosts', 'list'])).stdout).toMatch(
    new RegExp(`^HOST .*\n${host?.hostId} +local +healthy +\\d+ of \\d+`),
  );
  expect(await alex(['hosts'], ada)).toMatchObject({ code: 1, stdout: '' });
});

it('deletes an account, and says when it is done', async () => {
  const eve = await personOn(stack, 'eve-of-the-test', 'Eve');
  expect((await alex(['account', 'rename', 'Evelyn'], eve)).stdout).toBe('Evelyn (eve-of-the-test)\n');
  expect(json(await alex(['account', '--json'], eve))).toMatchObject({ displayName: 'Evelyn' });
  expect(await alex(['new', 'alone'], eve)).toMatchObject(ok);
  expect((await alex(['account', 'export'], eve)).stdout).toContain('"name":"alone"');
  await expect.poll(() => tablesWith(stack, 'eve-of-the-test'), TOLD).toContain('sessions');
  const deleted = await alex(['account', 'delete', '--confirm', 'eve-of-the-test'], eve);
  expect(deleted).toMatchObject({ code: 0, stderr: expect.stringMatching(/Deleted\.\n$/) });
  expect(await tablesWith(stack, 'eve-of-the-test')).toEqual(['audit']);
});

it('shares a session by link, with a guest, until the link is revoked', async () => {
  const { id } = await createSession(stack, 'linked');
  const shared = await alex(['share', 'linked', '--role', 'editor', '--expires', '2h', '--max-uses', '3']);
  expect(shared).toMatchObject({ code: 0, stdout: expect.stringMatching(/\/share#alexshare_/) });
  const token = shared.stdout.trim().split('#')[1];
  const anybody = { url: stack.url, token: '' };
  const redeemed = await api(anybody, 'POST', '/api/v1/share-links/redeem', { token, name: 'Gil' });
  const { guest } = z.object({ guest: z.object({ accessToken: z.string() }) }).parse(redeemed.body);
  const asGuest = { url: stack.url, token: guest.accessToken };
  expect((await api(asGuest, 'GET', `/api/v1/sessions/${id}`)).status).toBe(200);
  expect((await alex(['members', 'linked'])).stdout).toMatch(/editor +Gil/);
  const links = z
    .array(z.object({ id: z.string(), uses: z.number() }))
    .parse(json(await alex(['share', 'list', 'linked', '--json'])));
  expect(links).toMatchObject([{ uses: 1 }]);
  expect(await alex(['share', 'revoke', 'linked', links[0]?.id ?? ''])).toMatchObject(ok);
  expect((await api(asGuest, 'GET', `/api/v1/sessions/${id}`)).status).toBe(404);
});
