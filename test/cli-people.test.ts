import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { api, createSession, type Target } from './support/api.ts';
import { CliMachine, type CliRun } from './support/cli.ts';
import type { LocalPty } from './support/local-pty.ts';
import { personOn } from './support/people.ts';
import { Stack } from './support/stack.ts';

/** `alex` with several people in one session: sharing, who is there, watching, and whose terminal answers. */
let stack: Stack;
let ada: Target;
let machine: CliMachine;
let terminals: LocalPty[] = [];
let id: string;

beforeAll(async () => {
  stack = await Stack.start();
  ada = await personOn(stack, 'ada', 'Ada Lovelace');
});
afterAll(() => stack.stop());
beforeEach(async () => {
  machine = new CliMachine();
  ({ id } = await createSession(stack, 'together'));
});
afterEach(async () => {
  for (const terminal of terminals) await terminal.close();
  terminals = [];
  machine.dispose();
});

const LOCAL_PROMPT = /local>$/;

/** `alex` with pipes, as the local user or somebody else. */
function alex(args: readonly string[], who: Target = stack): Promise<CliRun> {
  return machine.run(args, { env: { ALEX_URL: who.url, ALEX_TOKEN: who.token } });
}

/** The local user at a terminal of a size. */
async function person(cols: number, rows: number): Promise<LocalPty> {
  const answer = await api(stack, 'POST', '/api/v1/auth/sign-in-links');
  const { url } = z.object({ url: z.string() }).parse(answer.body);
  expect(await machine.run(['login', url])).toMatchObject({ code: 0 });
  const terminal = machine.terminal({ cols, rows });
  terminals.push(terminal);
  await terminal.screen.waitFor(LOCAL_PROMPT);
  return terminal;
}

/** Somebody in front of a shell of the session. */
async function inShell(cols = 80, rows = 24): Promise<LocalPty> {
  const terminal = await person(cols, rows);
  terminal.type(`clear; alex shell ${id}\r`);
  await terminal.screen.waitFor(/^~ \$$/m);
  return terminal;
}

const done = { code: 0, stderr: '' };

describe('sharing', () => {
  it('share, members and unshare, with JSON and without', async () => {
    expect(await alex(['share', id, 'ada'])).toEqual({ ...done, stdout: '' });
    expect(await alex(['share', id, 'bob', '--role', 'editor'])).toEqual({ ...done, stdout: '' });
    const table = await alex(['members', id]);
    expect(table).toMatchObject(done);
    expect(table.stdout).toMatch(/^USER +ROLE +NAME\n/);
    expect(table.stdout).toMatch(/^ada +viewer/m);
    expect(await alex(['share', id, 'ada', '--role', 'editor'])).toMatchObject(done);
    const listed = await alex(['members', id, '--json'], ada);
    expect(listed).toMatchObject(done);
    expect(JSON.parse(listed.stdout)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ userId: 'ada', role: 'editor' }),
        expect.objectContaining({ userId: 'bob', role: 'editor' }),
        expect.objectContaining({ role: 'owner' }),
      ]),
    );
    expect(await alex(['unshare', id, 'bob'])).toEqual({ ...done, stdout: '' });
    expect((await alex(['members', id])).stdout).not.toContain('bob');
    const events = await alex(['events', id, '--json']);
    const subjects = events.stdout
      .trimEnd()
      .split('\n')
      .map((line) => z.object({ subject: z.string() }).parse(JSON.parse(line)).subject);
    expect(subjects.filter((subject) => subject.startsWith('member.')).length).toBeGreaterThanOrEqual(4);
  });

  it('ends with a code and a line that say what is wrong', async () => {
    await alex(['share', id, 'ada']);
    const failures: [CliRun, number, RegExp][] = [
      [await alex(['share', id, 'bob', '--role', 'king']), 2, /Allowed choices are/],
      [await alex(['share']), 2, /missing required argument/],
      [await alex(['share', 'nowhere', 'ada']), 4, /nowhere/],
      [await alex(['members', 'nowhere', '--json']), 4, /nowhere/],
      [await alex(['events', 'nowhere']), 4, /nowhere/],
      [await alex(['who', 'nowhere', '--json']), 4, /nowhere/],
      [await alex(['shell', 'nowhere', '--watch']), 4, /nowhere/],
      [await alex(['share', id, 'bob'], ada), 1, /owner/],
      [await alex(['members', id], { url: stack.url, token: 'x' }), 3, /alex login/],
    ];
    for (const [run, code, said] of failures) {
      expect(run).toMatchObject({ code, stdout: '' });
      expect(run.stderr).toMatch(said);
    }
  });
});

describe('keys', () => {
  it('are made, act for their owner within their scopes, are listed and revoked', async () => {
    const made = await alex(['keys', 'create', 'ci', '--scope', 'sessions:read', '--days', '30']);
    expect(made).toMatchObject({ code: 0 });
    expect(made.stderr).toContain('only time');
    const key = made.stdout.trim();
    expect(key).toMatch(/^alex_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}$/);
    const byKey = { url: stack.url, token: key };
    expect((await alex(['ls', '--json'], byKey)).stdout).toContain(id);
    expect(await alex(['new', 'mine'], byKey)).toMatchObject({ code: 1, stdout: '' });
    expect((await alex(['keys', 'list'])).stdout).toMatch(/^\S{16} +ci +local +sessions:read +now +\d{4}-/m);
    const listed: unknown = JSON.parse((await alex(['keys', 'list', '--json'])).stdout);
    expect(listed).toMatchObject([{ name: 'ci', scopes: ['sessions:read'] }]);
    expect(await alex(['keys', 'revoke', key])).toEqual({ ...done, stdout: '' });
    expect(await alex(['ls'], byKey)).toMatchObject({ code: 3, stdout: '' });
    expect(await alex(['keys', 'revoke', key])).toMatchObject({ code: 4 });
    expect(await alex(['keys', 'create', 'x', '--scope', 'all'])).toMatchObject({ code: 2 });
  });
});

describe('who', () => {
  it('is connected, with role and device, or nobody', async () => {
    expect(await alex(['who', id])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'Nobody is connected to together.\n',
    });
    expect(await alex(['who', id, '--json'])).toEqual({ ...done, stdout: '[]\n' });
    await inShell();
    const run = await alex(['who', id]);
    expect(run).toMatchObject(done);
    expect(run.stdout).toMatch(/^NAME +USER +ROLE +DEVICE +LOOKS AT +SINCE\nLocal user +\w+ +owner +alex /);
    expect(JSON.parse((await alex(['who', id, '--json'])).stdout)).toMatchObject([
      { displayName: 'Local user', role: 'owner', device: 'alex' },
    ]);
  });
});

describe('shell --watch', () => {
  it('shows what happens, types nothing, and leaves by Ctrl-C', async () => {
    expect(await alex(['shell', id, '--watch', '--new'])).toMatchObject({ code: 2, stdout: '' });
    const none = await alex(['shell', id, '--watch']);
    expect(none).toMatchObject({ code: 4, stdout: '' });
    expect(none.stderr).toContain('No terminal is open');
    const typist = await inShell();
    const watcher = await person(80, 24);
    watcher.type(`clear; alex shell ${id} --watch\r`);
    await watcher.screen.waitFor(/^~ \$$/m);
    // A program that asks what terminal this is: the watcher's stays silent, and nobody is told off for it.
    typist.type(`printf '\\033[c'; read -rsdc; echo seen-$((1+1))\r`);
    await watcher.screen.waitFor(/^seen-2$/m);
    expect(watcher.screen.text()).not.toContain('only watch');
    watcher.type('echo sneaked\r');
    await watcher.screen.waitFor('you only watch here, so nothing was typed; Ctrl-C leaves');
    watcher.type('\x03');
    await watcher.screen.waitFor(LOCAL_PROMPT);
    watcher.type('clear; echo code-$?\r');
    await watcher.screen.waitFor(/^code-0$/m);
    typist.type('echo last-$((1+2))\r');
    expect(await typist.screen.waitFor(/^last-3$/m)).not.toContain('sneaked');
  });
});

describe('questions of programs to the terminal', () => {
  it('are answered by the one whose size it has', async () => {
    const first = await inShell();
    // Says each part it has read, without what made it one.
    const program = [
      `clear; stty raw -echo; printf 'ready'; read -rdg`,
      `printf 'asked\\033[5n'; read -rda own; printf 'half'; read -rdq others`,
      `stty sane; clear; echo "own<\${own#?}> others<\${others#?}>"`,
    ].join('; ');
    const second = await person(100, 30);
    second.type(`clear; alex shell ${id}\r`);
    await second.screen.waitFor('sized by Local user: 80x24');
    first.type(`${program}\r`);
    await second.screen.waitFor(/ready$/);
    first.type('g');
    await first.screen.waitFor(/asked$/);
    await second.screen.waitFor(/asked$/);
    // What each terminal answered was typed before this.
    first.type('a');
    await second.screen.waitFor(/half$/);
    second.type('q');
    await first.screen.waitFor(/^own<\[0n> others<>$/m);
  });
});
