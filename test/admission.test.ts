import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { api, createSession } from './support/api.ts';
import { PtyClient } from './support/pty-client.ts';
import { Stack } from './support/stack.ts';

/** So few that some tens of sessions fill the edge. */
const MAX_DESCRIPTORS = 250;
const MAX_SESSIONS = 60;
let stack: Stack;

beforeAll(async () => {
  stack = await Stack.start({ ALEX_EDGE_MAX_DESCRIPTORS: String(MAX_DESCRIPTORS) });
});
afterAll(async () => {
  await stack.stop();
});

it('a full edge refuses newcomers, says when to come again, and harms nobody who is in', async () => {
  const workerd = await stack.pidOf('workerd');
  const first = await PtyClient.connect(stack, (await createSession(stack, 'first')).id);
  const terminal = await first.open({ command: ['sh', '-c', 'stty -echo; printf ready; exec cat'] });
  await terminal.screen.waitFor('ready');
  const others: Promise<PtyClient | null>[] = [];
  let refused = null;
  for (let i = 0; i < MAX_SESSIONS && refused === null; i += 1) {
    const answer = await api(stack, 'POST', '/api/v1/sessions', { name: `more ${i}` });
    const made = z.object({ id: z.string() }).safeParse(answer.body);
    if (answer.status !== 201 || !made.success) refused = answer;
    // The last of them may be refused themselves, and go on trying.
    else others.push(PtyClient.connect(stack, made.data.id).catch(() => null));
  }
  expect(refused?.status).toBe(503);
  expect(refused?.body).toMatchObject({ code: 'unavailable' });
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  terminal.type('still here\r');
  await terminal.screen.waitFor(/ready\s*still here/);
  expect(first.reconnects).toBe(0);
  expect(await stack.pidOf('workerd')).toBe(workerd);
  first.close();
  for (const other of others) void other.then((client) => client?.close());
});
