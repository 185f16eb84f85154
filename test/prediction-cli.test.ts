import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSession } from './support/api.ts';
import { CliMachine } from './support/cli.ts';
import { until } from './support/deadline.ts';
import { LatencyProxy } from './support/latency-proxy.ts';
import type { LocalPty } from './support/local-pty.ts';
import { PtyClient } from './support/pty-client.ts';
import { Stack } from './support/stack.ts';

/** Predictive echo of `alex shell` on a real PTY, with the edge 200 ms away. */
const USUAL = { oneWayMs: 100, jitterMs: 10 };
/** So far that nothing typed comes back while a test looks. */
const AWAY = { oneWayMs: 60_000 };
const TIMEOUT_MS = 20_000;
const PROMPT = /^~ \$$/m;
let stack: Stack;
let proxy: LatencyProxy;
let machine: CliMachine;
let terminal: LocalPty;
let sessionId: string;
/** Everything that was written to the person's terminal. */
let written = '';

beforeAll(async () => {
  stack = await Stack.start();
  proxy = await LatencyProxy.start(stack.url, USUAL);
});
afterAll(async () => {
  await proxy.stop();
  await stack.stop();
});
beforeEach(async () => {
  machine = new CliMachine();
  sessionId = (await createSession(stack, 'predicted')).id;
  terminal = machine.terminal();
  written = '';
  const write = terminal.screen.write.bind(terminal.screen);
  terminal.screen.write = (bytes, then) => {
    written += String(bytes);
    return write(bytes, then);
  };
  await terminal.screen.waitFor(/local>$/);
});
afterEach(async () => {
  proxy.distance = USUAL;
  await terminal.close();
  machine.dispose();
});

/** A shell whose prompt has echoed once. */
async function shell(flags = ''): Promise<void> {
  terminal.type(`clear; ALEX_URL=${proxy.url} ALEX_TOKEN=${stack.token} alex shell ${sessionId} ${flags}\r`);
  await terminal.screen.waitFor(PROMPT, TIMEOUT_MS);
  terminal.type('echo hello\r');
  await terminal.screen.waitFor(/^hello\n~ \$$/m, TIMEOUT_MS);
  written = '';
}

/** The person's screen is that of somebody who was never far away. */
async function settled(): Promise<void> {
  const near = await PtyClient.connect(stack, sessionId);
  const remote = near.attach(1);
  const same = (): boolean => {
    const { active } = terminal.screen.terminal.buffer;
    const theirs = remote.screen.terminal.buffer.active;
    return (
      remote.snapshots > 0 &&
      terminal.screen.text() === remote.screen.text() &&
      active.cursorX === theirs.cursorX &&
      active.cursorY === theirs.cursorY
    );
  };
  await until(same, TIMEOUT_MS, 'the server’s screen').catch((error: unknown) => {
    throw new Error(`${String(error)}\n${terminal.screen.text()}\n── server ──\n${remote.screen.text()}`);
  });
  near.close();
}

/** Nothing on the cursor's line is underlined any more. */
async function confirmed(): Promise<void> {
  const line = (): string => terminal.screen.text().split('\n').at(-1)?.trim().slice(-1) ?? '';
  await until(() => line() !== '' && !underlined(line()), TIMEOUT_MS, 'the echo');
}

function underlined(text: string): boolean {
  const { active } = terminal.screen.terminal.buffer;
  const line = active.getLine(active.baseY + active.cursorY);
  const at = line?.translateToString().lastIndexOf(text) ?? -1;
  return at !== -1 && [...text].every((_each, index) => line?.getCell(at + index)?.isUnderline() !== 0);
}

/** Whether a text was ever written underlined, as only predictions are here. */
function drawnUnderlined(text: string): boolean {
  return written.includes(`\x1b[0;4m${text}`);
}

describe('with the edge 200 ms away', () => {
  it('keys show at once, underlined, and a detach takes them away', async () => {
    await shell();
    terminal.type('e');
    await terminal.screen.waitFor(/^~ \$ e$/m);
    await confirmed();
    proxy.distance = AWAY;
    terminal.type('cho far');
    await terminal.screen.waitFor(/^~ \$ echo far$/m);
    expect(underlined('cho')).toBe(true);
    terminal.type('\x7f\x7f\x1b[D');
    await terminal.screen.waitFor(/^~ \$ echo f$/m);
    expect(terminal.screen.terminal.buffer.active.cursorX).toBe('~ $ echo '.length);
    terminal.type('\r~.');
    const after = await terminal.screen.waitFor(/detached[^]*local>$/);
    expect(after).not.toContain('echo f');
    expect(after).toMatch(/^~ \$ e$/m);
  });

  it('what was typed is confirmed, edited, and the screen is the server’s', async () => {
    await shell('--predict always');
    terminal.type('e');
    await terminal.screen.waitFor(/^~ \$ e$/m);
    await confirmed();
    for (const key of ['c', 'h', 'o', ' ', 'a', 'x', 'c', '\x1b[D', '\x7f', '-', 'b', '-'])
      terminal.type(key);
    await settled();
    terminal.type('\r');
    await terminal.screen.waitFor(/^a-b-c$/m);
    await settled();
    expect(drawnUnderlined('-')).toBe(true);
  });

  it('a password is never shown', async () => {
    await shell();
    terminal.type('read -s secret\rQZ');
    await terminal.screen.waitFor(/read -s secret$/m);
    terminal.type('QZQZ\r');
    terminal.type('echo read ${#secret}\r');
    await terminal.screen.waitFor(/^read 6$/m);
    await settled();
    expect(written).not.toMatch(/Q|Z/);
  });

  it('vim and its end leave the server’s screen', async () => {
    await shell();
    terminal.type('vim -u NONE -i NONE -n\r');
    await terminal.screen.waitFor('VIM - Vi IMproved', TIMEOUT_MS);
    for (const key of 'ohello world') {
      terminal.type(key);
      await terminal.screen.write('');
    }
    await terminal.screen.waitFor(/^hello world$/m);
    terminal.type('\x1b0wDjkxP');
    await settled();
    terminal.type(':q!\r');
    await terminal.screen.waitFor(PROMPT);
    await settled();
  });

  it('off draws nothing', async () => {
    await shell('--predict off');
    terminal.type('echo plain\r');
    await terminal.screen.waitFor(/^plain\n~ \$$/m);
    expect(drawnUnderlined('')).toBe(false);
  });
});

it('without a flag the variable counts, and nonsense is refused', async () => {
  const env = { ALEX_URL: stack.url, ALEX_TOKEN: stack.token };
  expect(
    await machine.run(['shell', sessionId], { env: { ...env, ALEX_PREDICT: 'sometimes' } }),
  ).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('off, auto, always') as string });
  expect(await machine.run(['shell', '--predict', 'sometimes'], { env })).toMatchObject({ code: 2 });
});
