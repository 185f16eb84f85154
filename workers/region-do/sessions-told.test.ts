import { env } from 'cloudflare:test';
import { expect, it } from 'vitest';
import { ask, createSession, newUser, tokenFor } from '../testing/api.ts';
import { joinRegion } from '../testing/host.ts';

it('a session whose placement failed is placed again under a new epoch with a new ticket', async () => {
  const host = await joinRegion(env.DEFAULT_REGION, { capacity: 10 });
  const token = await tokenFor(newUser());
  const { id } = await createSession(token);
  await ask(`/api/v1/sessions/${id}/terminals`, { method: 'POST', token, body: {} });
  const first = await host.next();
  if (first.type !== 'place') throw new Error(`place expected, got ${first.type}`);
  expect(first.sessionId).toBe(id);
  host.send({ type: 'placement.failed', sessionId: id, epoch: first.epoch, detail: 'No room.' });
  const second = await host.next();
  if (second.type !== 'place') throw new Error(`place expected, got ${second.type}`);
  expect(second.sessionId).toBe(id);
  expect(second.epoch).toBeGreaterThan(first.epoch);
  expect(second.ticket).not.toBe(first.ticket);
});
