import { env, evictDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CloseCode } from '../../protocol/close-codes.ts';
import { FrameKind } from '../../protocol/stream/frame.ts';
import { NewApiKey } from '../../protocol/messages/api-key.ts';
import { OPEN_POLICY } from '../shared/policy/access-policy.ts';
import { MAX_STALENESS_MS } from '../shared/standing.ts';
import { ask } from '../testing/api.ts';
import { newKey } from '../testing/api-keys.ts';
import { auditRows } from '../testing/audit.ts';
import { signIn } from '../testing/devices.ts';
import { PlayedHost, PlayedSession, type Viewer } from '../testing/session.ts';
import { PlayedTeam } from '../testing/workspaces.ts';
import { UserDO } from '../user-do/user-do.ts';
import { MAX_UNCHECKED_MS } from './limits.ts';
import { SessionDO } from './session-do.ts';

const READY = 'ready.';
const OFFICE = '192.0.2.7';
const FROM_OFFICE = { headers: { 'cf-connecting-ip': OFFICE } };
const NOT_THE_OFFICE = { ...OPEN_POLICY, networks: ['198.51.100.0/24'] };

let host: PlayedHost;
let session: PlayedSession;
/** The owner, whom none of this is about. */
let other: Viewer;
let channel: number;

/** A session whose owner watches and that has a terminal. */
async function begin(played: PlayedSession, headers: Record<string, string> = {}): Promise<void> {
  host = await PlayedHost.join();
  session = played;
  other = await session.view(crypto.randomUUID(), { headers });
  const serving = host.serve(session.id);
  channel = (await other.open()).channel;
  await serving;
  await host.opened(channel);
  await other.attach(channel, 0);
  host.print(channel, READY);
  await other.shows(READY);
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  await begin(await PlayedSession.create());
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const typed = new Map<Viewer, number>();
/** A key of a viewer, sent on its way. */
function press(viewer: Viewer, key: string): void {
  const offset = typed.get(viewer) ?? 0;
  typed.set(viewer, offset + 1);
  const payload = new TextEncoder().encode(key);
  viewer.frame({ kind: FrameKind.Input, channel, stream: viewer.stream, offset, payload });
}
const typedAtHost = (): string => host.input.map(({ payload }) => new TextDecoder().decode(payload)).join('');
const reaches = (text: string): Promise<true> =>
  host.data.until(() => (typedAtHost().endsWith(text) ? true : undefined), `typed ${text}`);

/** Somebody who types, by this token. */
async function typist(token: string, headers: Record<string, string> = {}): Promise<Viewer> {
  const viewer = await session.view(crypto.randomUUID(), { token, headers });
  await viewer.attach(channel, 0);
  await viewer.shows(READY);
  press(viewer, 'a');
  await reaches('a');
  return viewer;
}

/** Somebody whom the session is shared with, signed in on a device. */
async function deviceMember() {
  const { who } = await session.member('editor');
  const own = { ...who, workspaceId: who.userId };
  const { accessToken, deviceId } = await signIn(own);
  return { who: own, token: accessToken, deviceId, actor: env.USERS.get(env.USERS.idFromName(who.userId)) };
}

/** The bound has passed: what the viewer does has no effect, it is told nothing, and it is closed with this. */
async function expectEnded(viewer: Viewer, closeCode: CloseCode, code: string): Promise<void> {
  vi.advanceTimersByTime(MAX_STALENESS_MS);
  press(viewer, 'x');
  host.print(channel, 'secret.');
  expect(await viewer.closed()).toBe(closeCode);
  expect(viewer.peek('error').map((error) => error.code)).toEqual([code]);
  // Others go on, and in what they typed nothing of it is.
  await other.shows('secret.');
  press(other, 'o');
  await reaches('o');
  expect(typedAtHost()).toBe('ao');
  expect(viewer.text).not.toContain('secret');
  expect(other.closeCode).toBeNull();
}

describe('an open socket ends within the bound when', () => {
  it('its device is signed out', async () => {
    const { who, token, deviceId, actor } = await deviceMember();
    const viewer = await typist(token);
    // As another isolate sees it: nobody tells this one.
    await actor.endDevice(who, deviceId, 'revoked');
    await expectEnded(viewer, CloseCode.Unauthenticated, 'unauthenticated');
    const rows = await auditRows(session.owner.workspaceId);
    expect(rows.find(({ action }) => action === 'access.denied')).toMatchObject({
      outcome: 'denied',
      actor: { userId: who.userId, credential: { kind: 'device', id: deviceId } },
      target: { kind: 'session', id: session.id },
      detail: { asked: 'socket', code: 'unauthenticated' },
    });
  });

  it('all devices are signed out', async () => {
    const { who, token, actor } = await deviceMember();
    const viewer = await typist(token);
    await actor.endAllDevices(who, 'signed-out-everywhere');
    await expectEnded(viewer, CloseCode.Unauthenticated, 'unauthenticated');
  });

  it('its API key is revoked', async () => {
    const { key, id } = await newKey(session.token, ['sessions:read', 'terminals:write']);
    const viewer = await typist(key);
    await env.KEYS.get(env.KEYS.idFromName(id)).revoke(session.owner);
    await expectEnded(viewer, CloseCode.Unauthenticated, 'unauthenticated');
  });

  it('its API key expires', async () => {
    const body = { name: 'short', scopes: ['sessions:read', 'terminals:write'], expiresInMs: 60_000 };
    const made = await ask('/api/v1/keys', { method: 'POST', token: session.token, body });
    vi.advanceTimersByTime(60_000 - MAX_STALENESS_MS);
    host.print(channel, 'a host that is heard of.');
    await other.shows('heard of');
    const viewer = await typist(NewApiKey.parse(await made.json()).key);
    await expectEnded(viewer, CloseCode.Unauthenticated, 'unauthenticated');
  });

  it('its person is taken off the workspace', async () => {
    const team = await PlayedTeam.create();
    const owner = { ...team.owner.who, workspaceId: team.id };
    const { who, token } = await team.join('member');
    const id = await team.newSession(team.owner);
    const here = { 'alex-workspace': team.id };
    await begin(new PlayedSession(id, owner, team.owner.token), here);
    const body = { role: 'editor' };
    await team.within(`/api/v1/sessions/${id}/members/${who.userId}`, team.owner, { method: 'PUT', body });
    const viewer = await typist(token, here);
    // Who is told of it at once cannot be.
    vi.spyOn(SessionDO.prototype, 'limitMember').mockRejectedValue(new Error('out of reach'));
    await team.actor.removeMember(owner, who.userId);
    await expectEnded(viewer, CloseCode.Forbidden, 'forbidden');
  });

  it.each(['own', 'session’s'])('the policy of its %s workspace forbids its network', async (whose) => {
    const { who, token } = await session.member('editor');
    const viewer = await typist(token, FROM_OFFICE.headers);
    const owner = whose === 'own' ? { ...who, workspaceId: who.userId } : session.owner;
    const workspace = env.WORKSPACES.get(env.WORKSPACES.idFromName(owner.workspaceId));
    expect(await workspace.setPolicy(owner, NOT_THE_OFFICE)).toMatchObject({ ok: true });
    other.socket.close(1000, 'not from the other network either');
    other = await session.view(crypto.randomUUID(), { headers: { 'cf-connecting-ip': '198.51.100.1' } });
    await other.attach(channel, 0);
    await expectEnded(viewer, CloseCode.Forbidden, 'forbidden');
    expect(viewer.peek('error')[0]?.detail).toContain('network');
  });
});

describe('a hibernated session', () => {
  it('ends the sockets of signed-out devices at their first traffic: a key, or output', async () => {
    const people = [await deviceMember(), await deviceMember()];
    const [types, watches] = [await typist(people[0]?.token ?? ''), await typist(people[1]?.token ?? '')];
    await evictDurableObject(session.actor);
    for (const { who, deviceId, actor } of people) await actor.endDevice(who, deviceId, 'revoked');
    vi.advanceTimersByTime(MAX_STALENESS_MS);
    press(types, 'x');
    expect(await types.closed()).toBe(CloseCode.Unauthenticated);
    host.print(channel, 'secret.');
    expect(await watches.closed()).toBe(CloseCode.Unauthenticated);
    press(other, 'o');
    await reaches('o');
    expect(typedAtHost()).toBe('aao');
    expect([types.text, watches.text]).toEqual([READY, READY]);
  });

  it('goes on with everybody else, in order, nothing lost', async () => {
    const { token } = await deviceMember();
    const viewer = await typist(token);
    vi.advanceTimersByTime(MAX_STALENESS_MS);
    await evictDurableObject(session.actor);
    for (const key of 'bcdefgh') press(viewer, key);
    host.print(channel, 'more.');
    await reaches('abcdefgh');
    await Promise.all([viewer.shows('ready.more.'), other.shows('ready.more.')]);
  });
});

describe('while the user’s actor does not answer', () => {
  const fail = () =>
    vi.spyOn(UserDO.prototype, 'credentialState').mockRejectedValue(new Error('out of reach'));

  it('an open socket goes on, and ends, to come back later, when that lasts', async () => {
    const { token } = await deviceMember();
    const viewer = await typist(token);
    fail();
    vi.advanceTimersByTime(MAX_STALENESS_MS);
    press(viewer, 'b');
    await reaches('ab');
    await evictDurableObject(session.actor);
    vi.advanceTimersByTime(MAX_UNCHECKED_MS - 1);
    press(viewer, 'c');
    await reaches('abc');
    vi.advanceTimersByTime(MAX_STALENESS_MS);
    press(viewer, 'x');
    expect(await viewer.closed()).toBe(CloseCode.Unavailable);
    expect(typedAtHost()).toBe('abc');
    expect(other.closeCode).toBeNull();
  });

  it('and answers again, the socket goes on as before', async () => {
    const { who, token, deviceId, actor } = await deviceMember();
    const viewer = await typist(token);
    const failing = fail();
    vi.advanceTimersByTime(MAX_STALENESS_MS);
    press(viewer, 'b');
    await reaches('ab');
    failing.mockRestore();
    host.input.length = 1;
    await actor.endDevice(who, deviceId, 'revoked');
    await expectEnded(viewer, CloseCode.Unauthenticated, 'unauthenticated');
  });
});

it('what waits for the answer waits in order, and nothing waits for the next one while it flows', async () => {
  const { token, deviceId } = await deviceMember();
  const viewer = await typist(token);
  const answer = Promise.withResolvers<'active'>();
  const asked = vi.spyOn(UserDO.prototype, 'credentialState').mockReturnValue(answer.promise);
  vi.advanceTimersByTime(MAX_STALENESS_MS - 1);
  press(viewer, 'b');
  await reaches('ab');
  await vi.waitFor(() => expect(asked).toHaveBeenCalledWith(deviceId));
  vi.advanceTimersByTime(1);
  for (const key of 'cdef') press(viewer, key);
  // Another's goes through meanwhile: the session waits for nobody.
  press(other, 'o');
  await reaches('abo');
  answer.resolve('active');
  await reaches('abocdef');
});
