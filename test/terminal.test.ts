import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { api, createSession, listSessions } from './support/api.ts';
import { PtyClient } from './support/pty-client.ts';
import { Stack } from './support/stack.ts';

/** What a person does every day, through everything: API, edge, host, executor, sandbox. */
let stack: Stack;
let viewer: PtyClient;
let sessionId: string;

beforeAll(async () => {
  stack = await Stack.start();
});
afterAll(async () => {
  await stack.stop();
});
beforeEach(async () => {
  sessionId = (await createSession(stack, 'terminal')).id;
  viewer = await PtyClient.connect(stack, sessionId);
});
afterEach(() => {
  viewer.close();
});

const PROMPT = /\$$/;

describe('a session', () => {
  it('is created, listed, renamed and deleted over the API', async () => {
    const created = await api(stack, 'POST', '/api/v1/sessions', { name: 'first' });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ name: 'first', id: expect.stringMatching(/^[\w-]{22}$/) as string });
    const { id } = created.body as { id: string };
    expect(created.headers.get('location')).toContain(id);
    expect((await listSessions(stack))[0]).toMatchObject({ id, name: 'first' });
    expect((await api(stack, 'PATCH', `/api/v1/sessions/${id}`, { name: 'second' })).body).toMatchObject({
      name: 'second',
    });
    expect((await api(stack, 'DELETE', `/api/v1/sessions/${id}`)).status).toBe(204);
    expect((await api(stack, 'GET', `/api/v1/sessions/${id}`)).status).toBe(404);
    expect((await listSessions(stack)).map((session) => session.id)).not.toContain(id);
  });

  it('is not for those without a token', async () => {
    const answer = await api({ url: stack.url, token: 'nonsense' }, 'GET', '/api/v1/sessions');
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ code: 'unauthenticated', status: 401 });
  });
});

describe('a terminal', () => {
  it('runs a shell in an isolated sandbox with the promised environment', async () => {
    const terminal = await viewer.open({});
    await terminal.screen.waitFor(PROMPT);
    terminal.type('echo "$SESSION_ID|$USER_ID|$WORKSPACE_ID|$PWD"\r');
    await terminal.screen.waitFor(new RegExp(`^${sessionId}\\|[^|]+\\|[^|]+\\|/workspace$`, 'm'));
    terminal.type('clear; grep -E "CapEff|NoNewPrivs|Seccomp:" /proc/self/status\r');
    await terminal.screen.waitFor(/CapEff:\s+0{16}\nNoNewPrivs:\s+1\nSeccomp:\s+2/);
    terminal.type('exit 7\r');
    expect(await terminal.exit()).toMatchObject({ exitCode: 7, signal: null, reason: 'exited' });
  });

  it('is opened over the API and attached to afterwards', async () => {
    const answer = await api(stack, 'POST', `/api/v1/sessions/${sessionId}/terminals`, {
      size: { cols: 100, rows: 30 },
      command: ['sh', '-c', 'stty size; exec cat'],
    });
    expect(answer.status).toBe(201);
    const { channel } = answer.body as { channel: number };
    const terminal = await viewer.attach(channel);
    await terminal.screen.waitFor('30 100');
    expect(
      (await api(stack, 'DELETE', `/api/v1/sessions/${sessionId}/terminals/${channel}`)).status,
    ).toBeLessThan(300);
    expect(await terminal.exit()).toMatchObject({ reason: 'closed' });
  });

  it('shows the same to two viewers, who can both type', async () => {
    const mine = await viewer.open({});
    await mine.screen.waitFor(PROMPT);
    const other = await PtyClient.connect(stack, sessionId);
    const theirs = await other.attach(mine.channel);
    await theirs.screen.waitFor(PROMPT);
    mine.type('echo from-$((1))\r');
    await Promise.all([mine, theirs].map((side) => side.screen.waitFor(/^from-1$/m)));
    theirs.type('echo from-$((2))\r');
    await Promise.all([mine, theirs].map((side) => side.screen.waitFor(/^from-2\n.*\$$/m)));
    expect(theirs.screen.lines()).toEqual(mine.screen.lines());
    other.close();
  });

  it('is found as it was left, by another client, with the same shell', async () => {
    const before = await viewer.open({ cols: 90, rows: 20 });
    await before.screen.waitFor(PROMPT);
    before.type("printf '\\033[2J\\033[5;10H\\033[1;32mgreen\\033[0m\\r\\n'; echo pid-$$\r");
    const pid = /^pid-(\d+)$/m.exec(await before.screen.waitFor(/^pid-\d+\n.*\$$/m))?.[1];
    const left = { lines: before.screen.lines(), ...before.screen.state() };
    viewer.close();
    viewer = await PtyClient.connect(stack, sessionId);
    const after = await viewer.attach(before.channel, { cols: 90, rows: 20 });
    await after.screen.waitFor('green');
    expect({ lines: after.screen.lines(), ...after.screen.state() }).toEqual(left);
    expect(after.screen.terminal.buffer.active.getLine(4)?.getCell(9)?.getFgColor()).toBe(2);
    after.type('clear; echo again-$$\r');
    await after.screen.waitFor(`again-${pid}`);
  });

  it('delivers 20 MB to the last byte before the exit status', async () => {
    const bytes = 20_000_000;
    const script = `yes 'exactly these bytes and no others' | head -c ${bytes} | tee /workspace/copy; sha256sum < /workspace/copy > sum; exit 5`;
    const terminal = await viewer.open({ command: ['sh', '-c', `stty raw; ${script}`], keep: 'hash' });
    const exit = await terminal.exit(60_000);
    expect(exit).toMatchObject({ exitCode: 5, offset: bytes });
    const expected = createHash('sha256')
      .update(linesOf('exactly these bytes and no others\n', bytes))
      .digest('hex');
    expect(terminal.sha256()).toBe(expected);
    expect(terminal.snapshots).toBe(0);
  });

  it('stops a flood on Ctrl-C', async () => {
    const terminal = await viewer.open({ keep: 'nothing' });
    await terminal.screen.waitFor(PROMPT);
    terminal.type('yes flood\r');
    await terminal.waitForBytes(2_000_000, 20_000);
    terminal.type('\x03');
    const pressedAtMs = performance.now();
    await terminal.screen.waitFor(/\^C[^]*\$$/);
    expect(performance.now() - pressedAtMs).toBeLessThan(2_000);
  });
});

/** The first `bytes` bytes of endless repetition. */
function linesOf(line: string, bytes: number): string {
  return line.repeat(Math.ceil(bytes / line.length)).slice(0, bytes);
}
