import { createExecutionContext, env, waitOnExecutionContext } from 'cloudflare:test';
import { describe, expect, it, vi } from 'vitest';
import { OPEN_POLICY } from '../shared/policy/access-policy.ts';
import type { WorkspaceStanding } from '../shared/policy/standing.ts';
import type { Env } from '../shared/env.ts';
import { known } from '../shared/standing.ts';
import { expectProblem, newUser, ORIGIN, tokenFor } from '../testing/api.ts';
import { auditRows } from '../testing/audit.ts';
import { PlayedSession } from '../testing/session.ts';
import { createApp } from './app.ts';

const OFFICE = '192.0.2.7';
const ELSEWHERE = '198.51.100.7';
const IN_OFFICE = { ...OPEN_POLICY, networks: ['192.0.2.0/24'] };

/** Asks for a session from an address, while workspaces have these policies. */
async function get(
  path: string,
  token: string,
  address: string,
  policies: Record<string, WorkspaceStanding['policy']>,
): Promise<Response> {
  known.standings.forgetWhere(() => true);
  const WORKSPACES = {
    idFromName: (name: string) => env.WORKSPACES.idFromName(name),
    get: (id: DurableObjectId) =>
      new Proxy(env.WORKSPACES.get(id as never), {
        get: (stub, name) =>
          name === 'standing'
            ? async (userId: string): Promise<WorkspaceStanding> => ({
                role: id.name === userId ? 'owner' : null,
                policy: policies[id.name ?? ''] ?? OPEN_POLICY,
              })
            : (Reflect.get(stub, name, stub) as unknown),
      }),
  };
  const ctx = createExecutionContext();
  const headers = { authorization: `Bearer ${token}`, 'cf-connecting-ip': address };
  const spies = { ...env, WORKSPACES } as unknown as Env;
  const response = await createApp().fetch(new Request(`${ORIGIN}${path}`, { headers }), spies, ctx);
  await waitOnExecutionContext(ctx);
  return response;
}

describe('a session of another workspace', () => {
  it('is under the policy of its own workspace', async () => {
    const session = await PlayedSession.create();
    const { token } = await session.member('viewer');
    const path = `/api/v1/sessions/${session.id}`;
    const strict = { [session.owner.workspaceId]: IN_OFFICE };
    expect((await get(path, token, OFFICE, strict)).status).toBe(200);
    const refused = await expectProblem(await get(path, token, ELSEWHERE, strict), 403, 'forbidden');
    expect(refused.detail).toContain('network');
    const owner = await get(path, session.token, ELSEWHERE, strict);
    await expectProblem(owner, 403, 'forbidden');
  });

  it('is under the policy of the workspace its member comes from as well', async () => {
    const session = await PlayedSession.create();
    const { who, token } = await session.member('viewer');
    const strict = { [who.userId]: IN_OFFICE };
    const path = `/api/v1/sessions/${session.id}`;
    await expectProblem(await get(path, token, ELSEWHERE, strict), 403, 'forbidden');
    expect((await get(path, token, OFFICE, strict)).status).toBe(200);
  });

  it('is not there for a stranger, whatever policy it is under', async () => {
    const session = await PlayedSession.create();
    const [stranger, strict] = [newUser(), { [session.owner.workspaceId]: IN_OFFICE }];
    const token = await tokenFor(stranger);
    for (const id of [session.id, 'A'.repeat(22)])
      await expectProblem(await get(`/api/v1/sessions/${id}`, token, ELSEWHERE, strict), 404, 'not-found');
  });

  it('is not in the export of an account where the policy of its workspace is against it', async () => {
    const session = await PlayedSession.create();
    const { token } = await session.member('viewer');
    const strict = { [session.owner.workspaceId]: IN_OFFICE };
    const exported = async (address: string): Promise<string> =>
      (await get('/api/v1/account/export', token, address, strict)).text();
    await vi.waitFor(async () => expect(await exported(OFFICE)).toContain('"type":"session-event"'), 5_000);
    const outside = await exported(ELSEWHERE);
    expect(outside).not.toMatch(/"type":"session(?:-\w+)?"/);
    expect(outside).toContain(`"type":"withheld"`);
    expect(outside).toContain(session.id);
  });

  it('tells the audit log of its workspace of the refusal', async () => {
    const session = await PlayedSession.create();
    const { who, token } = await session.member('viewer');
    const { workspaceId } = session.owner;
    const address = ELSEWHERE;
    await get(`/api/v1/sessions/${session.id}`, token, address, { [workspaceId]: IN_OFFICE });
    const rows = await auditRows(workspaceId);
    expect(rows.find(({ action }) => action === 'access.denied')).toMatchObject({
      ...{ outcome: 'denied', address, target: { kind: 'route', id: 'GET /api/v1/sessions/:id' } },
      actor: { userId: who.userId },
    });
  });
});
