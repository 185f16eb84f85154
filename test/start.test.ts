import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { api, createSession } from './support/api.ts';
import { until } from './support/deadline.ts';
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
  expect(startWith({ ALEX_CLIENT_ADDRESS: 'x forwarded' })).toMatchObject({
    ...{ status: 2, stderr: expect.stringMatching(/ALEX_CLIENT_ADDRESS: "peer", or/) as string },
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

it('clients meet the Worker and nothing before it, and are believed nothing of where they are', async () => {
  const lies = {
    'cf-connecting-ip': '203.0.113.9',
    'x-forwarded-for': '203.0.113.9',
    'mf-cf-blob': JSON.stringify({ clientIp: '203.0.113.9:9' }),
  };
  const token = new URL(stack.signInUrl).searchParams.get('token');
  const signedIn = await api(stack, 'POST', '/api/v1/auth/sign-in', { token }, lies);
  expect(signedIn.status).toBe(200);
  const { accessToken } = z.object({ accessToken: z.string() }).parse(signedIn.body);
  const { body } = await api({ url: stack.url, token: accessToken }, 'GET', '/api/v1/auth/devices');
  expect(body).toMatchObject({ devices: [{ address: '127.0.0.1' }] });

  // What Miniflare has for developers is not to be had.
  const forDevelopers = { 'mf-op': 'GET', 'mf-original-url': 'http://elsewhere.test/healthz' };
  for (const path of ['/cdn-cgi/platform-proxy', '/cdn-cgi/explorer/api', '/cdn-cgi/mf/scheduled']) {
    const answer = await api(stack, 'GET', path, undefined, forDevelopers);
    expect(answer.headers.get('content-type')).toMatch('text/html');
  }
  const { port } = new URL(stack.url);
  const path = 'miniflare-unsafe-internal-capnp-connect:443';
  const asked = request({ port, method: 'CONNECT', path }).end();
  const [answer] = (await once(asked, 'connect')) as [IncomingMessage];
  asked.destroy();
  expect(answer.statusCode).toBeGreaterThanOrEqual(400);
});

it('does for pages what a platform would: compression, and the scheme that a proxy in front says', async () => {
  const page = await fetch(stack.url, { headers: { 'accept-encoding': 'gzip' } });
  expect(page.headers.get('content-encoding')).toBe('gzip');
  expect(await page.text()).toContain('<title>Alex Edge</title>');
  const plain = await fetch(stack.url, { headers: { 'accept-encoding': 'identity' } });
  expect(plain.headers.get('content-encoding')).toBeNull();
  const hsts = async (headers: Record<string, string>) =>
    (await fetch(new URL('/healthz', stack.url), { headers })).headers.get('strict-transport-security');
  expect(await hsts({ 'x-forwarded-proto': 'https' })).toMatch(/^max-age=/);
  expect(await hsts({})).toBeNull();
});

it('comes back though workerd dies again and again while it starts', async () => {
  let last = 0;
  for (let time = 0; time < 3; time += 1) {
    const pid = await until(
      async () => {
        const found = await stack.pidOf('workerd');
        return found === last ? null : found;
      },
      30_000,
      'another workerd',
    );
    process.kill(pid, 'SIGKILL');
    last = pid;
  }
  const isUp = async () => {
    const answer = await fetch(new URL('/healthz', stack.url)).catch(() => null);
    return answer?.ok === true ? true : null;
  };
  await until(isUp, 30_000, 'the edge');
});
