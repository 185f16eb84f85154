import { env, runInDurableObject } from 'cloudflare:test';
import fc from 'fast-check';
import { afterEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { CloseCode } from '../../protocol/close-codes.ts';
import { Usage } from '../../protocol/messages/usage.ts';
import type { KeptPlaces } from '../shared/sockets-rpc.ts';
import { ask, createSession, newUser, tokenFor } from '../testing/api.ts';
import { PlayedSession, type Viewer } from '../testing/session.ts';
import { KeptSocketPlaces } from '../user-do/socket-places.ts';
import { UserDO } from '../user-do/user-do.ts';
import { SessionDO } from './session-do.ts';

const LIMIT = 3;
afterEach(() => void vi.restoreAllMocks());

/** Somebody with sessions of their own, of whom only so many sockets may be open. */
async function somebody(sessions: number) {
  const who = newUser();
  const token = await tokenFor(who);
  const actor = env.USERS.get(env.USERS.idFromName(who.userId));
  const all: PlayedSession[] = [];
  while (all.length < sessions) all.push(new PlayedSession((await createSession(token)).id, who, token));
  // With a limit that a test reaches.
  await runInDurableObject(actor, (_actor, { storage }) => {
    const places = new KeptSocketPlaces(
      storage.sql,
      { ...env, ALEX_MAX_USER_SOCKETS: String(LIMIT) },
      () => who.userId,
    );
    vi.spyOn(UserDO.prototype, 'keepSocketPlaces').mockImplementation((id, kept) => places.keep(id, kept));
  });
  const used = async () => Usage.parse(await (await ask('/api/v1/usage', { token })).json()).sockets.used;
  return { who, token, actor, sessions: all, used };
}
const first = <T>(list: readonly T[]): T => {
  const [one] = list;
  if (one === undefined) throw new Error('none');
  return one;
};

/** A viewer that may be refused: what it is closed with. */
async function refused(session: PlayedSession): Promise<number> {
  const viewer = await session.arrive(crypto.randomUUID());
  if (viewer.closeCode === null) viewer.send({ type: 'hello', clientId: viewer.clientId });
  expect((await viewer.take('error')).code).toBe('limit-exceeded');
  return viewer.closed();
}
/** The session has noticed that they left. */
const left = async (session: PlayedSession, viewers: Viewer[], stay: number): Promise<void> => {
  for (const viewer of viewers) viewer.socket.close(1000, 'bye');
  await vi.waitUntil(async () => {
    const answer = await ask(`/api/v1/sessions/${session.id}/participants`, { token: session.token });
    const { participants } = z.object({ participants: z.array(z.unknown()) }).parse(await answer.json());
    return participants.length === stay;
  });
};

it('no more sockets of a person are open than may be, in all their sessions, also when all come at once', async () => {
  const { sessions, used } = await somebody(2);
  const tries = sessions.flatMap((session) => Array.from({ length: LIMIT }, () => session));
  const viewers = await Promise.all(tries.map((session) => session.arrive(crypto.randomUUID())));
  for (const viewer of viewers) {
    try {
      viewer.send({ type: 'hello', clientId: viewer.clientId });
    } catch {
      // It was refused already.
    }
  }
  await vi.waitUntil(() => viewers.filter(({ closeCode }) => closeCode !== null).length === LIMIT);
  const codes = viewers.map(({ closeCode }) => closeCode).filter((code) => code !== null);
  expect(codes).toEqual(Array(LIMIT).fill(CloseCode.LimitExceeded));
  expect(await used()).toBe(LIMIT);
});

it('places that nobody needs any more are taken back from other sessions when they run out', async () => {
  const { sessions } = await somebody(2);
  const [one, two] = [first(sessions), first(sessions.slice(1))];
  const viewers = [await one.view(), await one.view(), await one.view()];
  expect(await refused(two)).toBe(CloseCode.LimitExceeded);
  await left(one, viewers.slice(1), 1);
  // Sessions are asked at most once a second.
  const viewer = await vi.waitUntil(async () => {
    const came = await two.arrive(crypto.randomUUID());
    if (came.closeCode === null) came.send({ type: 'hello', clientId: came.clientId });
    const isIn = await Promise.race([came.welcomed().then(() => true), came.closed().then(() => false)]);
    return isIn && came;
  }, 10_000);
  await two.view();
  expect(await refused(one)).toBe(CloseCode.LimitExceeded);
  expect([viewers[0]?.closeCode, viewer.closeCode]).toEqual([null, null]);
});

it('who comes back after the actor was away finds their place, and nobody is asked; nor is for a socket that takes the place of another', async () => {
  const { sessions } = await somebody(1);
  const session = first(sessions);
  const [one, two] = [await session.view(), await session.view()];
  // The second might have been there to replace the first, and got its place a moment later.
  await vi.waitUntil(() =>
    runInDurableObject(session.actor, (_actor, { storage }) =>
      storage.sql.exec('SELECT 1 FROM socket_places WHERE places = 2').toArray(),
    ).then(({ length }) => length === 1),
  );
  const abort = runInDurableObject(session.actor, (_actor, ctx) => ctx.abort('test'));
  await abort.catch(() => undefined);
  await Promise.all([one.closed(), two.closed()]);
  const asked = vi.spyOn(UserDO.prototype, 'keepSocketPlaces').mockRejectedValue(new Error('out of reach'));
  asked.mockClear();
  await session.view(one.clientId);
  await session.view(two.clientId);
  await session.view(two.clientId);
  expect(asked).not.toHaveBeenCalled();
  // One more has to be asked for; that it cannot be is no reason to go away for good.
  const more = await session.view(crypto.randomUUID());
  expect(await more.closed()).toBe(CloseCode.Unavailable);
});

it('a place goes with its person’s membership, and with the session', async () => {
  const session = await PlayedSession.create();
  const { who, token } = await session.member('viewer');
  await session.view(crypto.randomUUID(), { token });
  await session.view();
  const used = async (asker: string) =>
    Usage.parse(await (await ask('/api/v1/usage', { token: asker })).json()).sockets.used;
  expect([await used(token), await used(session.token)]).toEqual([1, 1]);
  await ask(`/api/v1/sessions/${session.id}/members/${who.userId}`, {
    ...{ method: 'DELETE', token: session.token },
  });
  await vi.waitUntil(async () => (await used(token)) === 0);
  await ask(`/api/v1/sessions/${session.id}`, { method: 'DELETE', token: session.token });
  await vi.waitUntil(async () => (await used(session.token)) === 0);
});

it('what was said earlier and comes later does not count', async () => {
  const { who, actor } = await somebody(0);
  vi.restoreAllMocks();
  const keep = (places: number, version: number) => actor.keepSocketPlaces('session', { places, version });
  const used = async () => (await actor.socketPlaces()).used;
  await keep(2, 10);
  await keep(2, 30);
  await keep(1, 20);
  expect(await used()).toBe(2);
  await keep(0, 40);
  expect(await used()).toBe(0);
  expect(who.userId).not.toBe('');
});

it('a session that does not answer keeps its places, and what it says too late counts for nothing', async () => {
  const { sessions, used } = await somebody(2);
  const [one, two] = [first(sessions), first(sessions.slice(1))];
  const viewers = [await one.view(), await one.view(), await one.view()];
  await left(one, viewers, 0);
  const needed = vi
    .spyOn(SessionDO.prototype, 'neededSocketPlaces')
    .mockRejectedValue(new Error('out of reach'));
  expect(await refused(two)).toBe(CloseCode.LimitExceeded);
  needed.mockImplementation(async (): Promise<KeptPlaces> => ({ places: 0, version: 1 }));
  await vi.waitFor(() => expect(needed.mock.calls.length).toBeGreaterThan(0));
  expect(await used()).toBe(LIMIT);
});

it('whatever comes and goes at once, sessions never keep more places than are counted, nor than there may be', async () => {
  const { sessions, actor } = await somebody(3);
  const places = (of: typeof actor | (typeof sessions)[number]['actor'], query: string) =>
    runInDurableObject(of as typeof actor, (_actor, { storage }) =>
      storage.sql.exec<{ id: string; places: number }>(query).toArray(),
    );
  const script = fc.array(fc.record({ session: fc.nat(2), leaves: fc.boolean(), pauses: fc.boolean() }), {
    minLength: 8,
    maxLength: 14,
  });
  await fc.assert(
    fc.asyncProperty(script, async (steps) => {
      const viewers: Viewer[] = [];
      const coming: Promise<unknown>[] = [];
      for (const { session, leaves, pauses } of steps) {
        if (leaves) viewers.shift()?.socket.close(1000, 'bye');
        const arrival = sessions[session]?.arrive(crypto.randomUUID()).then((viewer) => {
          viewers.push(viewer);
          if (viewer.closeCode === null) viewer.send({ type: 'hello', clientId: viewer.clientId });
          return Promise.race([viewer.welcomed(), viewer.closed()]);
        });
        coming.push(arrival ?? Promise.resolve());
        if (pauses) await arrival;
      }
      await Promise.all(coming);
      // One that was welcomed while its place was asked for may end a moment later.
      await vi.waitUntil(() => viewers.filter(({ closeCode }) => closeCode === null).length <= LIMIT, 5_000);
      const counted = await places(actor, 'SELECT sessionId AS id, places FROM socketPlaces');
      expect(counted.reduce((sum, row) => sum + row.places, 0)).toBeLessThanOrEqual(LIMIT);
      for (const session of sessions) {
        const kept = await places(session.actor, 'SELECT user_id AS id, places FROM socket_places');
        const row = counted.find(({ id }) => id === session.id);
        expect(kept[0]?.places ?? 0).toBeLessThanOrEqual(row?.places ?? 0);
      }
      for (const viewer of viewers) if (viewer.closeCode === null) viewer.socket.close(1000, 'bye');
    }),
    { numRuns: 5, endOnFailure: true },
  );
});
