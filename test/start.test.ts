import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSession } from './support/api.ts';
import { PtyClient } from './support/pty-client.ts';
import { Stack } from './support/stack.ts';

/** The supervisor of `npm start`. */
const ROOT = join(import.meta.dirname, '..');
const MIB = 1024 * 1024;
let stack: Stack;

beforeAll(async () => {
  stack = await Stack.start({
    ALEX_SANDBOX_MEMORY_BYTES: String(200 * MIB),
  });
});
afterAll(() => stack.stop());

function start(...args: string[]): { status: number | null; stderr: string; stdout: string } {
  const node = join(ROOT, 'node_modules/.bin/node');
  return spawnSync(node, [join(ROOT, 'scripts/start.ts'), ...args], { encoding: 'utf8', timeout: 20_000 });
}

it('says what is wrong and what to do, and ends with 2', () => {
  const taken = start('--data', stack.dataDirectory);
  expect(taken).toMatchObject({ status: 2, stdout: '' });
  expect(taken.stderr).toMatch(/runs already.*process \d+/);
  const port = start('--data', join(stack.dataDirectory, 'other'), '--port', String(stack.port));
  expect(port.status).toBe(2);
  expect(port.stderr).toMatch(/taken.*--port/);
  expect(start('--port', 'x')).toMatchObject({ status: 2 });
  expect(start('--help')).toMatchObject({ status: 0, stderr: '' });
});

it('limits of sandboxes are what the variables say', async () => {
  const viewer = await PtyClient.connect(stack, (await createSession(stack, 'limits')).id);
  // A line without an end: tail has to keep it whole.
  const terminal = await viewer.open({ command: ['bash', '-c', 'head -c 400M /dev/zero | tail | wc -c'] });
  const text = await terminal.exit().then(() => terminal.received().toString('utf8'));
  expect(text, 'more memory than allowed').not.toContain('419430400');
  viewer.close();
});

it("a supervisor that was killed takes no shell with it, and is in nobody's way", async () => {
  const viewer = await PtyClient.connect(stack, (await createSession(stack, 'kept')).id);
  const terminal = await viewer.open({ command: ['bash', '--norc'] });
  terminal.type('kept=yes; echo pid-$$\r');
  await terminal.screen.waitFor(/pid-\d+/);
  const executor = await stack.pidOf('executor');
  await stack.killSupervisorAndStart();
  terminal.type('echo still-$kept\r');
  await terminal.screen.waitFor('still-yes');
  viewer.close();
  // Adopted, it is still looked after: ended, it is started again.
  process.kill(executor, 'SIGKILL');
  expect(await stack.pidOf('executor')).not.toBe(executor);
  const again = await PtyClient.connect(stack, (await createSession(stack, 'after')).id);
  await (await again.open({ command: ['echo', 'here again'] })).screen.waitFor('here again');
  again.close();
});
