import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { api, createSession } from './support/api.ts';
import { until } from './support/deadline.ts';
import { PtyClient } from './support/pty-client.ts';
import { Stack } from './support/stack.ts';

/** Longer than workerd keeps an actor that does nothing, which is ten seconds from when its alarm is put right. */
const ASLEEP_AFTER_MS = 13_500;
const REST_AFTER_MS = 16_000;
const REST_TIMEOUT_MS = 30_000;
const Hosts = z.object({ hosts: z.array(z.object({ hostId: z.string() })) });
let stack: Stack;

beforeAll(async () => {
  stack = await Stack.start({ ALEX_REST_AFTER_MS: String(REST_AFTER_MS) });
});
afterAll(async () => {
  await stack.stop();
});

/** How often session actors came to be in this workerd: anew, or out of hibernation. */
async function actorStarts(): Promise<number> {
  const { body } = await api(stack, 'GET', '/metrics');
  return Number(/^alex_isolate_session_actor_starts_total (\d+)$/m.exec(String(body))?.[1]);
}

async function connect(): Promise<PtyClient> {
  return PtyClient.connect(stack, (await createSession(stack, 'quiet')).id);
}

const state = (viewer: PtyClient): string | undefined => viewer.client.state?.host.state;

it('a quiet session loses its actor, then its stream, and no byte and no connection', async () => {
  const typing = await connect();
  const echo = await typing.open({ command: ['sh', '-c', 'stty -echo; printf ready; exec cat'] });
  const printing = await connect();
  const clock = await printing.open({ command: ['sh', '-c', 'echo start; sleep 26; echo late; read -r _'] });
  await echo.screen.waitFor('ready');
  await clock.screen.waitFor('start');
  const epochs = [typing, printing].map((viewer) => viewer.client.state?.host.epoch ?? 0);

  // Asleep with both sockets up: the next key constructs the actor again, and is delivered all the same. This waits for
  // the platform's own timer, which has no event to wait for.
  const before = await actorStarts();
  await new Promise((resolve) => setTimeout(resolve, ASLEEP_AFTER_MS));
  echo.type('first\r');
  await echo.screen.waitFor(/ready\s*first/);
  expect(await actorStarts()).toBe(before + 1);

  // Without a stream: output brings it back, then a key.
  await until(() => state(printing) === 'resting', REST_TIMEOUT_MS, 'the rest of the one that will print');
  await clock.screen.waitFor('late', REST_TIMEOUT_MS);
  expect(state(printing)).toBe('connected');
  await until(() => state(typing) === 'resting', REST_TIMEOUT_MS, 'the rest of the one to be typed into');
  // Its host takes it back even while it is drained: its shell is nowhere else.
  const [host] = Hosts.parse((await api(stack, 'GET', '/api/v1/hosts')).body).hosts;
  const drained = await api(stack, 'POST', `/api/v1/hosts/${host?.hostId}/drain`);
  expect(drained.status).toBe(204);
  echo.type('second\r');
  await echo.screen.waitFor(/ready\s*first\s+second/);
  expect(state(typing)).toBe('connected');

  const after = [typing, printing].map((viewer) => viewer.client.state?.host.epoch ?? 0);
  expect(after).toEqual(epochs.map((epoch) => epoch + 1));
  for (const [viewer, terminal] of [[typing, echo] as const, [printing, clock] as const]) {
    expect(viewer.reconnects).toBe(0);
    expect(terminal.snapshots).toBe(0);
    viewer.close();
  }
});
