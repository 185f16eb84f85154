import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { api, createSession } from './support/api.ts';
import { until } from './support/deadline.ts';
import { rowsOf, tablesWith } from './support/postgres.ts';
import { PtyClient } from './support/pty-client.ts';
import { Stack } from './support/stack.ts';

/** The directory in Postgres follows what happens at the edge, and nothing at the edge waits for it. */
const TOLD_TIMEOUT_MS = 20_000;
let stack: Stack;

beforeAll(async () => {
  stack = await Stack.start();
});
afterAll(() => stack.stop());

/** Waits for the first row that a query gives. */
function firstRow(sql: string, values: unknown[]): Promise<unknown> {
  const find = async (): Promise<unknown> => (await rowsOf(stack, sql, values).catch(() => []))[0] ?? null;
  return until(find, TOLD_TIMEOUT_MS, sql);
}

it('knows who signed in, and their workspace', async () => {
  const token = new URL(stack.signInUrl).searchParams.get('token');
  expect((await api(stack, 'POST', '/api/v1/auth/sign-in', { token })).status).toBe(200);
  const row = await firstRow(
    `select u.id, w.id as workspace, m.role from users u
       join memberships m on m.user_id = u.id join workspaces w on w.id = m.workspace_id where u.id = $1`,
    ['local'],
  );
  expect(row).toEqual({ id: 'local', workspace: 'local', role: 'owner' });
});

it('knows a session from its making to its end', async () => {
  const { id } = await createSession(stack, 'indexed');
  const find = 'select owner_id, workspace_id, region from sessions where id = $1';
  expect(await firstRow(find, [id])).toEqual({
    ...{ owner_id: 'local', workspace_id: 'local', region: 'local' },
  });
  await api(stack, 'DELETE', `/api/v1/sessions/${id}`);
  await firstRow('select id from sessions where id = $1 and deleted_at is not null', [id]);
});

it('knows an API key, its use and its end, the devices, and whom one asked in', async () => {
  const body = { name: 'of the directory', scopes: ['sessions:read'], expiresInMs: 3_600_000 };
  const { id, key, expiresAt } = z
    .object({ id: z.string(), key: z.string(), expiresAt: z.iso.datetime() })
    .parse((await api(stack, 'POST', '/api/v1/keys', body)).body);
  const made = 'select name, scopes, user_id, workspace_id, expires_at from api_keys where id = $1';
  expect(await firstRow(made, [id])).toEqual({
    ...{ name: 'of the directory', scopes: ['sessions:read'], user_id: 'local', workspace_id: 'local' },
    expires_at: new Date(expiresAt),
  });
  expect((await api({ ...stack, url: stack.url, token: key }, 'GET', '/api/v1/sessions')).status).toBe(200);
  await firstRow('select id from api_keys where id = $1 and last_used_at > created_at', [id]);
  expect((await api(stack, 'DELETE', `/api/v1/keys/${id}`)).status).toBe(204);
  await firstRow("select id from api_keys where id = $1 and revoked_at > created_at and name <> ''", [id]);
  const secret = key.split('_').at(-1) ?? '';
  expect(await tablesWith(stack, secret)).toEqual([]);

  const { deviceId } = z
    .object({ deviceId: z.string() })
    .parse(
      (await firstRow('select id as "deviceId" from refresh_families where revoked_at is null', [])) ?? {},
    );
  expect((await api(stack, 'DELETE', `/api/v1/auth/devices/${deviceId}`)).status).toBe(204);
  expect(await firstRow('select revoked_why from refresh_families where revoked_at is not null', [])).toEqual(
    {
      revoked_why: 'revoked',
    },
  );

  const team = await api(stack, 'POST', '/api/v1/workspaces', { name: 'Told' });
  const { id: teamId } = z.object({ id: z.string() }).parse(team.body);
  const asked = await api(stack, 'POST', `/api/v1/workspaces/${teamId}/invitations`, { role: 'viewer' });
  const invitation = z.object({ id: z.string(), token: z.string() }).parse(asked.body);
  const found = 'select role, created_by, uses from invitations where id = $1 and workspace_id = $2';
  expect(await firstRow(found, [invitation.id, teamId])).toEqual({
    ...{ role: 'viewer', created_by: 'local', uses: 0 },
  });
  await api(stack, 'DELETE', `/api/v1/workspaces/${teamId}/invitations/${invitation.id}`);
  await firstRow('select id from invitations where id = $1 and revoked_at is not null', [invitation.id]);
  expect(await tablesWith(stack, invitation.token.slice(-20))).toEqual([]);
});

it('knows the sandbox host, and that it is to get no more sessions', async () => {
  const find = 'select id from hosts where region = $1 and state = $2 and capacity > 0';
  const row = await firstRow(find, ['local', 'healthy']);
  const { id } = z.object({ id: z.string() }).parse(row);
  expect((await api(stack, 'POST', `/api/v1/hosts/${id}/drain`)).status).toBe(204);
  expect(await firstRow(find, ['local', 'draining'])).toEqual({ id });
  // Another process of the host takes sessions again.
  await stack.killAndWaitForNext('host');
  expect(await firstRow(find, ['local', 'healthy'])).toEqual({ id });
});

it('is away without anybody noticing, and is told afterwards', async () => {
  const { id } = await createSession(stack, 'before the outage');
  await firstRow('select id from sessions where id = $1', [id]);
  const viewer = await PtyClient.connect(stack, id);
  const terminal = await viewer.open({ command: ['bash', '--norc'] });
  await stack.kill('database');
  terminal.type('echo still-$((40+2))\r');
  await terminal.screen.waitFor('still-42');
  const during = await createSession(stack, 'during the outage');
  await api(stack, 'DELETE', `/api/v1/sessions/${during.id}`);
  const listed = await api(stack, 'GET', '/api/v1/sessions');
  expect(z.object({ sessions: z.array(z.object({ name: z.string() })) }).parse(listed.body).sessions).toEqual(
    expect.arrayContaining([expect.objectContaining({ name: 'before the outage' })]),
  );
  await firstRow('select id from sessions where id = $1 and deleted_at is not null', [during.id]);
  viewer.close();
});
