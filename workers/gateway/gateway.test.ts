import { env, SELF } from 'cloudflare:test';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { CloseCode } from '../../protocol/close-codes.ts';
import { SessionToViewer } from '../../protocol/messages/viewer.ts';
import { SessionInfo } from '../../protocol/messages/session.ts';
import { LOCAL_USER, signAccessToken, signSignInToken } from '../shared/auth.ts';

const BASE = 'https://edge.test';
const Problem = z.object({ status: z.int(), code: z.string(), detail: z.string(), requestId: z.string() });
const Keys = z.object({ SIGNING_KEY: z.string() });
const { SIGNING_KEY } = Keys.parse(env);
let mine = '';
let theirs = '';

function call(path: string, init: RequestInit = {}, token = mine): Promise<Response> {
  const headers = new Headers(init.headers);
  if (token !== '') headers.set('authorization', `Bearer ${token}`);
  if (init.body !== undefined) headers.set('content-type', 'application/json');
  return SELF.fetch(BASE + path, { ...init, headers });
}

async function createSession(name: string): Promise<SessionInfo> {
  const response = await call('/api/v1/sessions', { method: 'POST', body: JSON.stringify({ name }) });
  expect(response.status).toBe(201);
  return SessionInfo.parse(await response.json());
}

beforeAll(async () => {
  mine = (await signAccessToken(SIGNING_KEY, LOCAL_USER)).token;
  const stranger = { userId: 'stranger', displayName: 'Stranger', workspaceId: 'stranger' };
  theirs = (await signAccessToken(SIGNING_KEY, stranger)).token;
});

describe('who you are', () => {
  test('nothing without a token, and the problem says so', async () => {
    const response = await call('/api/v1/sessions', {}, '');
    expect(response.status).toBe(401);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(Problem.parse(await response.json()).code).toBe('unauthenticated');
  });

  test('a sign-in link works once', async () => {
    const { token } = await signSignInToken(SIGNING_KEY, LOCAL_USER);
    const signIn = () =>
      call('/api/v1/auth/sign-in', { method: 'POST', body: JSON.stringify({ token }) }, '');
    const first = await signIn();
    expect(first.status).toBe(200);
    const { accessToken } = z.object({ accessToken: z.string() }).parse(await first.json());
    expect((await call('/api/v1/auth/me', {}, accessToken)).status).toBe(200);
    expect((await signIn()).status).toBe(401);
  });
});

describe('sessions', () => {
  test('are created, read, renamed, listed and deleted', async () => {
    const session = await createSession('build');
    expect((await call(`/api/v1/sessions/${session.id}`)).status).toBe(200);
    const renamed = await call(`/api/v1/sessions/${session.id}`, {
      method: 'PATCH',
      body: JSON.stringify({ name: 'deploy' }),
    });
    expect(SessionInfo.parse(await renamed.json()).name).toBe('deploy');
    const list = z.object({ sessions: z.array(z.object({ id: z.string(), name: z.string() })) });
    const listed = list.parse(await (await call('/api/v1/sessions')).json());
    expect(listed.sessions.find(({ id }) => id === session.id)?.name).toBe('deploy');
    expect((await call(`/api/v1/sessions/${session.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await call(`/api/v1/sessions/${session.id}`)).status).toBe(404);
  });

  test("somebody else's answers exactly as one that does not exist", async () => {
    const { id } = await createSession('private');
    const withoutId = async (response: Response) => {
      const { requestId: _requestId, ...rest } = Problem.parse(await response.json());
      return rest;
    };
    const foreign = await call(`/api/v1/sessions/${id}`, {}, theirs);
    const missing = await call(`/api/v1/sessions/${'x'.repeat(22)}`, {}, theirs);
    expect(foreign.status).toBe(404);
    expect(await withoutId(foreign)).toEqual(await withoutId(missing));
    expect((await call(`/api/v1/sessions/${id}`, { method: 'DELETE' }, theirs)).status).toBe(404);
    expect((await call(`/api/v1/sessions/${id}`)).status).toBe(200);
  });

  test('the same idempotency key makes one session', async () => {
    const init = {
      method: 'POST',
      body: JSON.stringify({ name: 'once' }),
      headers: { 'idempotency-key': 'key-1' },
    };
    const ids = [];
    for (let turn = 0; turn < 2; turn++) {
      ids.push(SessionInfo.parse(await (await call('/api/v1/sessions', init)).json()).id);
    }
    expect(ids[0]).toBe(ids[1]);
  });

  test('bad input is refused with a problem', async () => {
    const bad = await call('/api/v1/sessions', { method: 'POST', body: JSON.stringify({ name: 7 }) });
    expect(bad.status).toBe(400);
    expect(Problem.parse(await bad.json()).code).toBe('invalid-request');
    expect((await call('/api/v1/nothing')).status).toBe(404);
  });
});

describe('the viewer door', () => {
  async function ticketFor(id: string): Promise<string> {
    const response = await call(`/api/v1/sessions/${id}/tickets`, { method: 'POST' });
    return z.object({ ticket: z.string() }).parse(await response.json()).ticket;
  }

  async function dial(id: string, ticket: string): Promise<WebSocket> {
    const response = await SELF.fetch(`${BASE}/ws/v1/sessions/${id}`, {
      headers: { upgrade: 'websocket', 'sec-websocket-protocol': `alex.v1, alex.ticket.${ticket}` },
    });
    const socket = response.webSocket;
    if (socket === null) throw new Error(`no socket: ${response.status}`);
    socket.accept();
    return socket;
  }

  const closed = (socket: WebSocket): Promise<number> =>
    new Promise((resolve) => socket.addEventListener('close', (event) => resolve(event.code)));

  const message = (socket: WebSocket, type: string): Promise<SessionToViewer> =>
    new Promise((resolve) =>
      socket.addEventListener('message', (event) => {
        const parsed = SessionToViewer.parse(JSON.parse(String(event.data)));
        if (parsed.type === type) resolve(parsed);
      }),
    );

  test('a ticket opens one socket, which is greeted', async () => {
    const { id } = await createSession('socket');
    const ticket = await ticketFor(id);
    const socket = await dial(id, ticket);
    const welcome = message(socket, 'welcome');
    socket.send(JSON.stringify({ type: 'hello', clientId: 'client-0001' }));
    expect(await welcome).toMatchObject({ type: 'welcome', role: 'owner', clientId: 'client-0001' });
    expect(await closed(await dial(id, ticket))).toBe(CloseCode.Unauthenticated);
    socket.close();
  });

  test('what is not of the protocol gets its error, others notice nothing', async () => {
    const { id } = await createSession('bad input');
    const quiet = await dial(id, await ticketFor(id));
    const greeted = message(quiet, 'welcome');
    quiet.send(JSON.stringify({ type: 'hello', clientId: 'quiet-001' }));
    await greeted;
    const noisy = await dial(id, await ticketFor(id));
    const error = message(noisy, 'error');
    noisy.send('{"type":"attach","channel":1,"offset":null}');
    expect(await error).toMatchObject({ code: 'hello-expected' });
    const events = message(quiet, 'events');
    quiet.send(JSON.stringify({ type: 'events.since', version: 0 }));
    expect(await events).toMatchObject({ type: 'events' });
    quiet.close();
    noisy.close();
  });
});
