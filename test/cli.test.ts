import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { api, createSession } from './support/api.ts';
import { CliMachine } from './support/cli.ts';
import { until, within } from './support/deadline.ts';
import type { LocalPty } from './support/local-pty.ts';
import { Stack } from './support/stack.ts';

/** `alex` as people and scripts use it: the launcher in a process of its own, on pipes and on a real PTY. */
let stack: Stack;
let machine: CliMachine;
let terminals: LocalPty[] = [];

beforeAll(async () => {
  stack = await Stack.start();
});
afterAll(async () => {
  await stack.stop();
});
beforeEach(() => {
  machine = new CliMachine();
});
afterEach(async () => {
  for (const terminal of terminals) await terminal.close();
  terminals = [];
  machine.dispose();
});

const EXIT_TIMEOUT_MS = 10_000;
const REMOTE_PROMPT = /^~ \$$/m;
const LOCAL_PROMPT = /local>$/;

/** The environment that signs in without a login. */
function credentials(): Record<string, string> {
  return { ALEX_URL: stack.url, ALEX_TOKEN: stack.token };
}

async function signInLink(): Promise<string> {
  const answer = await api(stack, 'POST', '/api/v1/auth/sign-in-links');
  return z.object({ url: z.string() }).parse(answer.body).url;
}

/** A signed-in person at a terminal. */
async function person(size?: { cols: number; rows: number }): Promise<LocalPty> {
  expect(await machine.run(['login', await signInLink()])).toMatchObject({ code: 0 });
  const terminal = machine.terminal(size);
  terminals.push(terminal);
  await terminal.screen.waitFor(LOCAL_PROMPT);
  return terminal;
}

describe('events', () => {
  it('are printed, from a version on if asked, and followed until Ctrl-C', async () => {
    const { id } = await createSession(stack, 'watched');
    await api(stack, 'PATCH', `/api/v1/sessions/${id}`, { name: 'renamed' });
    const all = await machine.run(['events', id], { env: credentials() });
    expect(all).toMatchObject({ code: 0, stderr: '' });
    expect(all.stdout).toMatch(/^ +1 \d\d:\d\d:\d\d CREATE session\.created name="watched"/);
    expect(all.stdout).toContain('UPDATE session.renamed name="renamed"');
    const later = await machine.run(['events', id, '--since', '1', '--json'], { env: credentials() });
    expect(JSON.parse(later.stdout.split('\n')[0] ?? '')).toMatchObject({ version: 2 });
    expect((await machine.run(['events', id, '--since', 'x'], { env: credentials() })).code).toBe(2);
    const terminal = await person();
    terminal.type(`alex events ${id} --follow\r`);
    await terminal.screen.waitFor('session.renamed name="renamed"');
    await api(stack, 'PATCH', `/api/v1/sessions/${id}`, { name: 'live' });
    await terminal.screen.waitFor('session.renamed name="live"');
    terminal.type('\x03');
    await terminal.screen.waitFor(LOCAL_PROMPT);
  });
});

describe('signing in', () => {
  it('spends the link once and keeps the login for its owner only', async () => {
    const link = await signInLink();
    const first = await machine.run(['login', link]);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain(`Signed in to ${stack.url}`);
    const file = join(machine.home, '.config', 'alex-edge', 'config.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await machine.run(['ls', '--json'])).toMatchObject({ code: 0 });
    expect((await machine.run(['whoami'])).stdout).toBe(`Local user (local, operator) at ${stack.url}\n`);
    expect(await machine.run(['login', link])).toMatchObject({ code: 3, stdout: '' });
    expect(await machine.run(['logout'])).toMatchObject({ code: 0 });
    expect(await machine.run(['ls'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('alex login') as string,
    });
  });

  it('renews a token that has ended, and ends where it is revoked', async () => {
    expect(await machine.run(['login', await signInLink()])).toMatchObject({ code: 0 });
    const file = join(machine.home, '.config', 'alex-edge', 'config.json');
    const login = z.looseObject({ token: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8')));
    writeFileSync(file, JSON.stringify({ ...login, token: `${login.token.slice(0, -2)}AA` }));
    expect(await machine.run(['ls'])).toMatchObject({ code: 0, stderr: '' });
    const listed = await machine.run(['devices', '--json']);
    const Listed = z.array(z.object({ id: z.string(), label: z.string(), current: z.boolean() }));
    const own = Listed.parse(JSON.parse(listed.stdout)).find(({ current }) => current);
    expect(own?.label).toBe(`alex on ${hostname()}`);
    expect((await machine.run(['devices'])).stdout).toMatch(/^ID +DEVICE +ADDRESS +SINCE +USED\n/);
    expect(await machine.run(['devices', 'revoke'])).toMatchObject({ code: 2 });
    expect(await machine.run(['devices', 'revoke', own?.id ?? ''])).toMatchObject({ code: 0, stderr: '' });
    const over = async () => ((await machine.run(['whoami'])).code === 3 ? true : null);
    expect(await until(over, EXIT_TIMEOUT_MS, 'the end of a revoked login')).toBe(true);
  });

  it('revoked elsewhere ends its open shell, which says what to do; what runs there goes on', async () => {
    const terminal = await person();
    const { id } = await createSession(stack, 'ending');
    terminal.type(`alex shell ${id}; echo "ended with $?"\r`);
    await terminal.screen.waitFor(REMOTE_PROMPT);
    terminal.type('while sleep 0.2; do echo tick; done\r');
    await terminal.screen.waitFor(/^tick$/m);
    const Listed = z.array(z.object({ id: z.string(), current: z.boolean() }));
    const listed = Listed.parse(JSON.parse((await machine.run(['devices', '--json'])).stdout));
    const own = listed.find(({ current }) => current)?.id ?? '';
    expect(await machine.run(['devices', 'revoke', own], { env: credentials() })).toMatchObject({ code: 0 });
    await terminal.screen.waitFor('ended with 3');
    await terminal.screen.waitFor(/signed out.*alex login/s);
    const { body } = await api(stack, 'GET', `/api/v1/sessions/${id}/terminals`);
    expect(body).toMatchObject({ terminals: [{ state: 'running' }] });
  });

  it('makes a link for another machine', async () => {
    const made = await machine.run(['link'], { env: credentials() });
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(await machine.run(['login', made.stdout.trim()])).toMatchObject({ code: 0 });
  });
});

describe('in scripts', () => {
  it('new, ls, rename and rm, with JSON and without', async () => {
    const env = credentials();
    const made = await machine.run(['new', 'from-script', '--json'], { env });
    const { id } = z
      .object({ id: z.string(), name: z.literal('from-script') })
      .parse(JSON.parse(made.stdout));
    const listed = await machine.run(['ls', '--json'], { env });
    expect(JSON.parse(listed.stdout)).toContainEqual(expect.objectContaining({ id, name: 'from-script' }));
    expect(await machine.run(['rename', 'from-script', 'renamed'], { env })).toMatchObject({
      code: 0,
      stdout: '',
    });
    const table = await machine.run(['ls'], { env });
    expect(table.stdout).toMatch(new RegExp(`^${id} +renamed +`, 'm'));
    expect(table.stdout, 'no colour on a pipe').not.toContain('\x1b');
    expect(await machine.run(['rm', id.slice(0, 8)], { env })).toMatchObject({ code: 0 });
    expect(await machine.run(['rm', 'renamed'], { env })).toMatchObject({ code: 4 });
  });

  it('runs a command, passes its input and output through and ends with its exit code', async () => {
    const env = credentials();
    const { id } = await createSession(stack, 'script');
    const run = await machine.run(['shell', id, '--', 'sh', '-c', 'read x; echo "got $x"; exit 42'], {
      env,
      input: 'a line\n',
    });
    expect(run.code).toBe(42);
    expect(run.stdout).toContain('got a line');
    const killed = await machine.run(['shell', id, '--', 'sh', '-c', 'kill -TERM $$'], { env });
    expect(killed.code).toBe(128 + 15);
  });

  it.each([
    [['--help'], 0],
    [['shell', '--help'], 0],
    [['version'], 0],
    [['no-such-command'], 2],
    [['login', 'not-a-link'], 2],
    [['shell', '--terminal', 'x'], 2],
    [['ls', '--no-such-flag'], 2],
    [['shell', 'no-such-session'], 4],
  ])('alex %j ends with %i', async (args, code) => {
    const run = await machine.run(args, { env: credentials() });
    expect(run.code).toBe(code);
    expect(code === 0 ? run.stderr : run.stdout, 'the other stream').toBe('');
  });

  it('says what to do when nobody answers', async () => {
    const run = await machine.run(['ls'], { env: { ALEX_URL: 'http://127.0.0.1:9', ALEX_TOKEN: 'x' } });
    expect(run).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('npm start') as string,
    });
  });
});

describe('at a terminal', () => {
  it('opens a shell, detaches with Enter ~ . and comes back to the same screen and shell', async () => {
    const { id } = await createSession(stack, 'person');
    const terminal = await person();
    terminal.type(`clear; alex shell ${id}\r`);
    await terminal.screen.waitFor(REMOTE_PROMPT);
    terminal.type('clear; echo mine-$$; stty size\r');
    const pid = /^mine-(\d+)$/m.exec(await terminal.screen.waitFor(/^mine-\d+\n24 80\n/m))?.[1];
    await terminal.screen.waitFor(/24 80\n~ \$$/);
    terminal.type('~?');
    await terminal.screen.waitFor('detach: the shell goes on');
    terminal.type('\r~.');
    await terminal.screen.waitFor(/detached[^]*local>$/);
    terminal.type('clear; echo code-$?; alex shell person\r');
    await terminal.screen.waitFor(new RegExp(`mine-${pid}\\n24 80\\n[^]*~ \\$$`));
    terminal.type('clear; echo again-$$; exit 9\r');
    await terminal.screen.waitFor(new RegExp(`again-${pid}[^]*local>$`));
    terminal.type('echo code-$?\r');
    await terminal.screen.waitFor(/^code-9$/m);
  });

  it('without a name takes the session used last, and a second terminal with --new', async () => {
    await createSession(stack, 'older');
    const { id } = await createSession(stack, 'newest');
    const terminal = await person();
    terminal.type('clear; alex shell\r');
    await terminal.screen.waitFor(REMOTE_PROMPT);
    terminal.type('clear; echo $SESSION_ID; first=yes\r');
    await terminal.screen.waitFor(id);
    terminal.type('\r~.');
    await terminal.screen.waitFor(LOCAL_PROMPT);
    terminal.type('clear; alex shell newest --new\r');
    await terminal.screen.waitFor(REMOTE_PROMPT);
    terminal.type('clear; echo "first is <$first>"; exit\r');
    await terminal.screen.waitFor(/^first is <>$/m);
    await terminal.screen.waitFor(LOCAL_PROMPT);
    terminal.type('clear; alex shell newest --terminal 1\r');
    await terminal.screen.waitFor(id);
    terminal.type('clear; echo "first is <$first>"; exit\r');
    await terminal.screen.waitFor(/^first is <yes>$/m);
  });

  it('follows a resize and leaves the terminal as it was found, also from inside vim', async () => {
    const { id } = await createSession(stack, 'vim');
    const terminal = await person({ cols: 90, rows: 30 });
    terminal.type(`alex shell ${id} -- vim -u NONE -i NONE -n\r`);
    await terminal.screen.waitFor('VIM - Vi IMproved');
    terminal.resize(300, 100);
    terminal.type('ia word\x1b:set nu\r');
    await terminal.screen.waitFor((text) => /^ +1 a word/.test(text) && text.split('\n').length > 90);
    expect(terminal.screen.state()).toMatchObject({ buffer: 'alternate' });
    terminal.type('o\r~.');
    await terminal.screen.waitFor(LOCAL_PROMPT);
    expect(terminal.screen.state()).toMatchObject({
      buffer: 'normal',
      modes: { applicationCursorKeys: false, mouseTracking: 'none' },
    });
    terminal.type('clear; stty -a\r');
    const settings = await terminal.screen.waitFor(/icanon[^]*echo[^]*local>$/);
    expect(settings).not.toMatch(/-icanon|-echo\b/);
  });

  it('rides out the loss of the edge, with a line that says so', async () => {
    const { id } = await createSession(stack, 'outage');
    const terminal = await person();
    terminal.type(`clear; alex shell ${id} -- sh -c 'stty -echo; printf ready; exec cat'\r`);
    await terminal.screen.waitFor('ready');
    await stack.kill('workerd');
    terminal.type('typed while away\r');
    await terminal.screen.waitFor('typed while away', 30_000);
    expect(terminal.screen.text()).toMatch(/connection lost[^]*connected again/);
    terminal.type('\x04');
    await terminal.screen.waitFor(LOCAL_PROMPT);
    terminal.type('exit\r');
    expect(await within(terminal.exited, EXIT_TIMEOUT_MS, 'the local shell to end')).toBe(0);
  });
});
