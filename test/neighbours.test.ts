import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSession } from './support/api.ts';
import { PtyClient, type RemoteTerminal } from './support/pty-client.ts';
import { Stack } from './support/stack.ts';

/** One session takes all it can get; the one beside it, on the same host, must not notice. */
const MIB = 1024 * 1024;
const CPUS = 0.5;
let stack: Stack;
let hog: PtyClient;
let neighbour: PtyClient;
let terminal: RemoteTerminal;

beforeAll(async () => {
  stack = await Stack.start({
    ALEX_SANDBOX_CPUS: String(CPUS),
    ALEX_SANDBOX_MEMORY_BYTES: String(200 * MIB),
    ALEX_SANDBOX_DISK_BYTES: String(64 * MIB),
    ALEX_SANDBOX_MAX_PROCESSES: '48',
  });
  hog = await PtyClient.connect(stack, (await createSession(stack, 'hog')).id);
  neighbour = await PtyClient.connect(stack, (await createSession(stack, 'neighbour')).id);
  terminal = await neighbour.open({ command: ['bash', '--norc'] });
  await neighbourNotices();
});
afterAll(async () => {
  hog.close();
  neighbour.close();
  await stack.stop();
});

let lines = 0;
/** The neighbour types a command that takes memory, a process and disk, and sees what it prints. */
async function neighbourNotices(): Promise<void> {
  lines += 1;
  terminal.type(`head -c 1M /dev/zero > file && echo "$(stat -c %s file) well $((${lines}))"\r`);
  await terminal.screen.waitFor(`1048576 well ${lines}`);
}

/** Runs a script in the hog's sandbox; what it printed, once it has ended. */
async function hogRuns(script: string): Promise<string> {
  const running = await hog.open({ command: ['bash', '-c', `exec 2>&1; ${script}`] });
  await neighbourNotices();
  await running.exit();
  return running.received().toString('utf8');
}

it('memory: more than allowed is not to be had', async () => {
  // A line without an end: tail has to keep it whole.
  expect(await hogRuns('head -c 400M /dev/zero | tail | wc -c')).not.toContain('419430400');
  expect(await hogRuns('head -c 50M /dev/zero | tail | wc -c'), 'less is').toContain('52428800');
});

it('disk: a full workspace is full for its own session only', async () => {
  const said = await hogRuns('head -c 200M /dev/zero > fill; stat -c %s fill; rm fill');
  expect(said).toContain('No space left on device');
  expect(Number(/(\d+)\r\n$/.exec(said)?.[1])).toBeLessThan(64 * MIB);
});

it('processor: all its processes together get their share and no more', async () => {
  const said = await hogRuns('for i in 1 2; do timeout 3 sh -c "while :; do :; done" & done; wait; times');
  // bash's `times`: own user and system time, then those of its children.
  const usedS = [...said.matchAll(/(\d+)m([\d.]+)s/g)].map(([, m, s]) => Number(m) * 60 + Number(s));
  const totalS = usedS.reduce((sum, seconds) => sum + seconds, 0);
  expect(usedS.length).toBe(4);
  expect(totalS).toBeGreaterThan(0);
  expect(totalS, '3 seconds of half a processor').toBeLessThan(3 * CPUS * 1.4);
});

it('processes: a fork bomb that never ends hits its limit', async () => {
  const bomb = await hog.open({
    command: ['bash', '--norc', '-c', 'bomb() { bomb | bomb & }; bomb; sleep 1000'],
  });
  await bomb.screen.waitFor(/fork: retry: Resource temporarily unavailable/);
  await neighbourNotices();
  expect(neighbour.reconnects).toBe(0);
});
