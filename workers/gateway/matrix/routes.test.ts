import { createExecutionContext, env, waitOnExecutionContext } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Scope } from '../../../protocol/messages/scopes.ts';
import type { WorkspaceRole } from '../../../protocol/messages/workspace.ts';
import { OPEN_POLICY } from '../../shared/policy/access-policy.ts';
import type { Env } from '../../shared/env.ts';
import type { Identity } from '../../shared/rpc.ts';
import { newKey } from '../../testing/api-keys.ts';
import { ask, createSession, newUser, ORIGIN, tokenFor } from '../../testing/api.ts';
import { newTeamId } from '../../shared/ids.ts';
import { PlayedTeam } from '../../testing/workspaces.ts';
import { PlayedSession } from '../../testing/session.ts';
import { createApp } from '../app.ts';
import { ROUTE_RULES } from '../route-rules.ts';
import { forgetName, forgetWorkspace } from '../../shared/standing.ts';
import { EXPECTATIONS, SESSION_CALLERS, type SessionCaller } from './expectations.ts';
import { requestTo, ROUTES } from './requests.ts';

const MISSING = 'A'.repeat(22);
const routesOf = (who: string): string[] =>
  ROUTES.filter((route) => {
    const expected = EXPECTATIONS[route]?.who;
    return typeof expected === 'object' ? who in expected : expected === who;
  });
const send = (route: string, token: string | null, id: string) => {
  const { path, ...rest } = requestTo(route, { id });
  return ask(path, { ...rest, token });
};
/** What a problem says, but for the id of its request; null for what is none. */
async function problemOf(response: Response): Promise<unknown> {
  if (response.headers.get('content-type') !== 'application/problem+json') return null;
  const { requestId: _id, ...rest } = z.record(z.string(), z.unknown()).parse(await response.json());
  return rest;
}

describe('every route', () => {
  it('has a rule and an expectation, and no others are left over', () => {
    expect(Object.keys(ROUTE_RULES).sort()).toEqual([...ROUTES].sort());
    expect(Object.keys(EXPECTATIONS).sort()).toEqual([...ROUTES].sort());
  });

  it('is denied to everybody when it has no rule', async () => {
    const app = createApp();
    app.get('/api/v1/forgotten', (c) => c.text('secret'));
    const ctx = createExecutionContext();
    const authorization = `Bearer ${await tokenFor()}`;
    const request = new Request(`${ORIGIN}/api/v1/forgotten`, { headers: { authorization } });
    const response = await app.fetch(request, env, ctx);
    await waitOnExecutionContext(ctx);
    expect(response.status).toBe(403);
    expect(await response.text()).not.toContain('secret');
  });

  it('asks whoever is not known to sign in, unless it is public', async () => {
    for (const route of ROUTES) {
      const open = ['public', 'door'].includes(String(EXPECTATIONS[route]?.who));
      if (open && !route.startsWith('POST')) continue;
      const { status } = await send(route, null, MISSING);
      if (!open) expect(status, route).toBe(401);
      // Who spends a sign-in link is not known yet, and a bad link is a 401 of its own.
      else expect(status, route).not.toBe(403);
    }
  });

  it('for operators is for nobody else', async () => {
    const somebody = await tokenFor(newUser());
    for (const route of routesOf('operator')) {
      expect((await send(route, somebody, MISSING)).status, route).toBe(403);
      expect([200, 404], route).toContain((await send(route, await tokenFor(), MISSING)).status);
    }
  });

  it('for anybody is for anybody', async () => {
    const somebody = await tokenFor(newUser());
    for (const route of routesOf('anybody'))
      expect([401, 403], route).not.toContain((await send(route, somebody, MISSING)).status);
  });
});

describe('a route about a session', () => {
  const ENDS_IT = 'DELETE /api/v1/sessions/:id';
  /** A session with a member of every role, which whoever made it has left, who still owns the workspace it is in. */
  const play = async (): Promise<{ id: string; tokens: Record<SessionCaller, string> }> => {
    const session = await PlayedSession.create();
    const owner = await session.member('owner');
    const [editor, viewer] = [await session.member('editor'), await session.member('viewer')];
    await session.actor.removeMember(session.owner, session.owner.userId);
    const { id, token: steward } = session;
    return { id, tokens: { owner: owner.token, editor: editor.token, viewer: viewer.token, steward } };
  };
  let shared: Awaited<ReturnType<typeof play>>;
  beforeAll(async () => void (shared = await play()));

  it.each(routesOf('session'))('%s is for the roles it should be for', async (route) => {
    const expected = EXPECTATIONS[route]?.who;
    const allowed: readonly string[] =
      typeof expected === 'object' && 'session' in expected ? expected.session : [];
    for (const caller of SESSION_CALLERS) {
      const { id, tokens } = route === ENDS_IT ? await play() : shared;
      const { status } = await send(route, tokens[caller], id);
      expect([401, 403].includes(status) ? 'denied' : 'allowed', `${caller}: ${status}`).toBe(
        allowed.includes(caller) ? 'allowed' : 'denied',
      );
      if (route === ENDS_IT && allowed.includes(caller)) expect(status).toBe(204);
    }
  });

  it('answers a stranger as for a session that is not there, by the same calls', async () => {
    const session = await PlayedSession.create();
    const stranger = newUser();
    for (const route of routesOf('session')) {
      const here = await counted(route, stranger, session.id);
      const there = await counted(route, stranger, MISSING);
      expect(here, route).toEqual(there);
      expect(here.status, route).toBe(404);
    }
    expect((await ask(`/api/v1/sessions/${session.id}`, { token: session.token })).status).toBe(200);
  });
});

describe('an API key', () => {
  it.each(Scope.options)(
    'with the scope %s is good for what that scope is for, and nothing else',
    async (scope) => {
      const who = { ...newUser(), operator: true };
      const token = await tokenFor(who);
      const { key } = await newKey(token, [scope]);
      const { id } = await createSession(token);
      const scoped = ROUTES.filter((route) => EXPECTATIONS[route]?.scope !== undefined);
      const statusOf = async (route: string): Promise<number> => {
        const { path, ...rest } = requestTo(route, { id, workspaceId: who.userId });
        return (await ask(path, { ...rest, token: key })).status;
      };
      const isFor = (route: string) => EXPECTATIONS[route]?.scope === scope;
      // At once, because each refusal waits for the audit log; what is allowed changes the session, so it comes in turn.
      const denied = scoped.filter((route) => !isFor(route));
      const statuses = await Promise.all(denied.map(statusOf));
      expect(denied.filter((_route, at) => statuses[at] !== 403)).toEqual([]);
      for (const route of scoped.filter(isFor)) expect(await statusOf(route), route).not.toBe(403);
    },
  );
});

describe('a route about a workspace', () => {
  it.each(routesOf('workspace'))('%s is for the roles it should be for', async (route) => {
    const expected = EXPECTATIONS[route]?.who;
    const allowed: readonly string[] =
      typeof expected === 'object' && 'workspace' in expected ? expected.workspace : [];
    for (const role of ['owner', 'admin', 'member', 'viewer'] as const) {
      const { status } = await counted(route, newUser(), MISSING, role);
      expect(status === 403 ? 'denied' : 'allowed', `${role}: ${status}`).toBe(
        allowed.includes(role) ? 'allowed' : 'denied',
      );
    }
  });

  it('answers a stranger as for a workspace that is not there', async () => {
    const [owner, token] = [newUser(), await tokenFor(newUser())];
    const team = await PlayedTeam.create();
    for (const route of routesOf('workspace')) {
      const [here, ...others] = await Promise.all(
        [team.id, newTeamId(), owner.userId].map(async (workspaceId) => {
          const { path, ...rest } = requestTo(route, { id: MISSING, workspaceId });
          const response = await ask(path, { ...rest, token, headers: { 'alex-workspace': workspaceId } });
          return [response.status, await problemOf(response)];
        }),
      );
      for (const there of others) expect(here, route).toEqual(there);
      expect(here?.[0], route).toBe(404);
    }
  });
});

/** Sends a request and counts the calls that actors get for it. With `role`, the current workspace says that it is so. */
async function counted(
  route: string,
  who: Identity,
  id: string,
  role?: WorkspaceRole,
): Promise<{ status: number; problem: unknown; headers: string[]; calls: string[] }> {
  forgetWorkspace(who.workspaceId);
  forgetName(who.userId);
  const calls: string[] = [];
  const spied = (binding: 'SESSIONS' | 'USERS' | 'WORKSPACES') => ({
    idFromName: (name: string) => env[binding].idFromName(name),
    get: (actorId: DurableObjectId) =>
      new Proxy(env[binding].get(actorId as never), {
        get: (stub, name) => {
          calls.push(`${binding}.${String(name)}`);
          if (name === 'standing' && role !== undefined) return async () => ({ role, policy: OPEN_POLICY });
          return Reflect.get(stub, name, stub) as unknown;
        },
      }),
  });
  const spies = {
    ...env,
    SESSIONS: spied('SESSIONS'),
    USERS: spied('USERS'),
    WORKSPACES: spied('WORKSPACES'),
  } as unknown as Env;
  const { path, method, body } = requestTo(route, { id, workspaceId: who.workspaceId });
  const headers = new Headers({ authorization: `Bearer ${await tokenFor(who)}` });
  if (body !== undefined) headers.set('content-type', 'application/json');
  const ctx = createExecutionContext();
  const response = await createApp().fetch(
    new Request(`${ORIGIN}${path}`, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    }),
    spies,
    ctx,
  );
  const problem = await problemOf(response);
  await waitOnExecutionContext(ctx);
  const shown = [...response.headers]
    // What is left of a rate goes down with each request, and up with time.
    .filter(([name]) => !['x-request-id', 'ratelimit'].includes(name))
    .map((pair) => pair.join(': '));
  return { status: response.status, problem, headers: shown, calls };
}
