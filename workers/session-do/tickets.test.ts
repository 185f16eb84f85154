import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { expect, it, vi } from 'vitest';
import { z } from 'zod';
import { CloseCode } from '../../protocol/close-codes.ts';
import { ask } from '../testing/api.ts';
import { PlayedSession } from '../testing/session.ts';

async function mint(session: PlayedSession): Promise<string> {
  const answer = await ask(`/api/v1/sessions/${session.id}/tickets`, {
    method: 'POST',
    token: session.token,
  });
  return z.object({ ticket: z.string() }).parse(await answer.json()).ticket;
}

/** Tickets of viewers in the session's storage. */
function stored(session: PlayedSession): Promise<number> {
  return runInDurableObject(session.actor, (_actor, { storage }) =>
    storage.sql.exec("SELECT 1 FROM tickets WHERE door = 'viewer'").toArray(),
  ).then(({ length }) => length);
}

it('a ticket not spent at once is stored, outlives its actor, and is still good only once', async () => {
  const session = await PlayedSession.create();
  const ticket = await mint(session);
  expect(await stored(session)).toBe(0);
  await vi.waitUntil(async () => (await stored(session)) === 1, { timeout: 10_000 });
  await evictDurableObject(session.actor);
  const first = await session.enter(ticket);
  first.send({ type: 'hello', clientId: first.clientId });
  await first.welcomed();
  const second = await session.enter(ticket);
  expect(await second.closed()).toBe(CloseCode.Unauthenticated);
});

it('a ticket spent at once is never stored; one that its actor forgot opens nothing', async () => {
  const session = await PlayedSession.create();
  const [spent, forgotten] = [await mint(session), await mint(session)];
  await session.enter(spent);
  expect(await (await session.enter(spent)).closed()).toBe(CloseCode.Unauthenticated);
  await runInDurableObject(session.actor, (_actor, ctx) => ctx.abort('test')).catch(() => undefined);
  expect(await (await session.enter(spent)).closed()).toBe(CloseCode.Unauthenticated);
  expect(await (await session.enter(forgotten)).closed()).toBe(CloseCode.Unauthenticated);
});
