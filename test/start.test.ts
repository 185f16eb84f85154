import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSession } from './support/api.ts';
import { PtyClient } from './support/pty-client.ts';
import { Stack } from './support/stack.ts';

/** The supervisor of `npm start`. */
const ROOT = join(import.meta.dirname, '..');
let stack: Stack;

beforeAll(async () => {
  stack = await Stack.start();
});
afterAll(() => stack.stop());

function start(...args: string[]): { status: number | null; stderr: string; stdout: string } {
  return startWith({}, ...args);
}

function startWith(env: Record<string, string>, ...args: string[]) {
  const node = join(ROOT, 'node_modules/.bin/node');
  const options = { encoding: 'utf8', timeout: 20_000, env: { ...process.env, ...env } } as const;
  return spawnSync(node, [join(ROOT, 'scripts/start.ts'), ...args], options);
}

it('says what is wrong and what to do, and ends with 2', () => {
  const taken = start('--data', stack.dataDirectory);
  expect(taken).toMatchObject({ status: 2, stdout: '' });
  expect(taken.stderr).toMatch(/runs already.*process \d+/);
  const port = start('--data', join(stack.dataDirectory, 'other'), '--port', String(stack.port));
  expect(port.status).toBe(2);
  expect(port.stderr).toMatch(/taken.*--port/);
  expect(start('--port', 'x')).toMatchObject({ status: 2 });
  expect(startWith({ OIDC_PROVIDERS: '[{}]' })).toMatchObject({
    ...{ status: 2, stderr: expect.stringMatching(/OIDC_PROVIDERS: 0\.id.*docs.sign-in/) as string },
  });
  expect(start('--help')).toMatchObject({ status: 0, stderr: '' });
});

it('a machine that cannot isolate runs no shell, and is told the way out', () => {
  const node = join(ROOT, 'node_modules/.bin/node');
  const port = String(stack.port + 1);
  const args = [join(ROOT, 'scripts/start.ts'), '--data', join(stack.dataDirectory, 'bare'), '--port', port];
  const env = { ...process.env, PATH: '/nowhere', ALEX_SANDBOX_POOL: '0', DATABASE_URL: 'none' };
  const { status, stderr } = spawnSync(node, args, { encoding: 'utf8', timeout: 60_000, env });
  expect(status).toBe(1);
  expect(stderr).toMatch(/bwrap is missing: apt-get install bubblewrap[^]*ALEX_DRIVER=none/);
});

it('without isolation it runs only by explicit choice, and says so', async () => {
  const bare = await Stack.start({ ALEX_DRIVER: 'none', DATABASE_URL: 'none' });
  try {
    expect(bare.log).toContain('shells are NOT isolated');
    const viewer = await PtyClient.connect(bare, (await createSession(bare, 'bare')).id);
    const terminal = await viewer.open({ command: ['sh', '-c', 'pwd; id -u'] });
    await terminal.exit();
    const said = terminal.received().toString('utf8');
    expect(said).toContain(join(bare.dataDirectory, 'workspaces'));
    expect(said).toContain(`\n${process.getuid?.()}\r\n`);
    viewer.close();
  } finally {
    await bare.stop();
  }
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
