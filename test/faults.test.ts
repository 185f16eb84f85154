import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSession, listSessions } from './support/api.ts';
import { checkNumberedLines } from './support/numbered-lines.ts';
import { PtyClient, type RemoteTerminal } from './support/pty-client.ts';
import { Stack } from './support/stack.ts';

/** Parts are killed with SIGKILL while a person works; what they see is what ARCHITECTURE.md promises. */
let stack: Stack;
let viewer: PtyClient;

beforeAll(async () => {
  stack = await Stack.start();
});
afterAll(async () => {
  await stack.stop();
});
beforeEach(async () => {
  viewer = await PtyClient.connect(stack, (await createSession(stack, 'faults')).id);
});
afterEach(() => {
  viewer.close();
});

const RECOVERY_TIMEOUT_MS = 45_000;
/** Numbers without end, some tens of thousands a second in small bursts, until a key is pressed; then the shell's PID. */
const COUNTER = [
  'bash',
  '-c',
  'echo "pid $$"; read -r _; stty -echo; i=0; while ! read -t 0; do for ((n=0;n<40;n++)); do echo $i; ((i++)); done; sleep 0.01; done; read -r _; echo "pid $$"',
];

/** The numbers a counter has printed so far: everything after its first line. */
function counted(terminal: RemoteTerminal): ReturnType<typeof checkNumberedLines> {
  const text = terminal.received().toString('latin1');
  // The Enter that starts it is echoed as an empty line.
  const from = text.indexOf('\r\n\r\n') + 4;
  return checkNumberedLines(text.slice(from));
}

describe('a counter goes on without a gap', () => {
  it.each(['host', 'workerd', 'edge'] as const)('when the %s is killed', async (part) => {
    const terminal = await viewer.open({ command: COUNTER });
    await terminal.screen.waitFor(/pid \d+/);
    const pid = /pid (\d+)/.exec(terminal.screen.text())?.[1];
    terminal.type('\r');
    await terminal.waitForBytes(50_000);
    await stack.killAndWaitForNext(part);
    const atKill = terminal.offset;
    await terminal.waitForBytes(atKill + 50_000, RECOVERY_TIMEOUT_MS);
    if (part !== 'host') expect(viewer.reconnects, 'the kill was felt').toBeGreaterThan(0);
    const soFar = counted(terminal);
    expect(soFar.firstFault).toBeNull();
    expect(soFar.count).toBeGreaterThan(10_000);
    terminal.type('\r');
    await terminal.screen.waitFor(`pid ${pid}`);
    expect(await terminal.exit()).toMatchObject({ exitCode: 0, reason: 'exited' });
    expect(terminal.snapshots).toBe(0);
  });
});

describe('keystrokes arrive once and in order', () => {
  const LINES = 400;
  const lineOf = (index: number): string => `line ${String(index).padStart(4, '0')} of what a person typed`;

  it.each(['host', 'workerd'] as const)('when the %s is killed while typing', async (part) => {
    const terminal = await viewer.open({ command: ['sh', '-c', 'stty -echo; printf ready; exec cat'] });
    await terminal.screen.waitFor('ready');
    const start = terminal.offset;
    let killed: Promise<void> | null = null;
    for (let index = 0; index < LINES; index += 1) {
      terminal.type(`${lineOf(index)}\r`);
      if (index === LINES / 4) killed = stack.killAndWaitForNext(part);
      // A person pauses between keys: some lines are typed before, some during and some after the outage.
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await killed;
    const lengthBytes = LINES * (lineOf(0).length + 2);
    await terminal.waitForBytes(start + lengthBytes, RECOVERY_TIMEOUT_MS);
    const text = terminal.received().subarray(start).toString('latin1');
    expect(checkNumberedLines(text, lineOf)).toEqual({ count: LINES, firstFault: null });
    terminal.type('\x04');
    await terminal.exit();
    expect(terminal.offset - start).toBe(lengthBytes);
  });
});

describe('the executor is killed', () => {
  it('its terminals are reported lost, a new one works, the workspace is kept', async () => {
    const before = await viewer.open({});
    await before.screen.waitFor(/\$$/);
    before.type('echo kept > /workspace/file && echo written\r');
    await before.screen.waitFor(/^written$/m);
    await stack.killAndWaitForNext('executor');
    expect(await before.exit(RECOVERY_TIMEOUT_MS)).toMatchObject({ reason: 'lost' });
    const after = await viewer.open({});
    await after.screen.waitFor(/\$$/, RECOVERY_TIMEOUT_MS);
    after.type('cat /workspace/file\r');
    await after.screen.waitFor(/^kept$/m);
  });
});

describe('everything is stopped and started again', () => {
  it('sessions and workspaces are still there', async () => {
    const id = viewer.client.sessionId;
    const before = await viewer.open({});
    await before.screen.waitFor(/\$$/);
    before.type('echo still-here > note; echo written\r');
    await before.screen.waitFor(/^written$/m);
    viewer.close();
    await stack.restart();
    expect((await listSessions(stack)).map((session) => session.id)).toContain(id);
    viewer = await PtyClient.connect(stack, id);
    const after = await viewer.open({});
    await after.screen.waitFor(/\$$/, RECOVERY_TIMEOUT_MS);
    after.type('cat note\r');
    await after.screen.waitFor(/^still-here$/m);
  });
});
