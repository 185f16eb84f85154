import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OUTPUT_WINDOW_BYTES, STALL_GRACE_MS } from '../protocol/limits.ts';
import { createSession } from './support/api.ts';
import { until } from './support/deadline.ts';
import { PtyClient, type RemoteTerminal } from './support/pty-client.ts';
import { RawViewer } from './support/raw-viewer.ts';
import { Stack } from './support/stack.ts';
import { TcpGate } from './support/tcp-gate.ts';

/** Viewers that stop reading cost the others nothing and the edge no more than their windows. */
let stack: Stack;
let sessionId: string;
let viewer: PtyClient;
const closers: (() => void)[] = [];

beforeAll(async () => {
  stack = await Stack.start();
});
afterAll(async () => {
  await stack.stop();
});
beforeEach(async () => {
  sessionId = (await createSession(stack, 'slow')).id;
  viewer = await PtyClient.connect(stack, sessionId);
});
afterEach(() => {
  viewer.close();
  for (const close of closers.splice(0)) close();
});

const LINE = 'a flood of lines that all are the same';
const FLOOD_LINES = 5_000_000;
/** With the CR LF that the terminal makes of each line's end: 200 MB. */
const FLOOD_BYTES = FLOOD_LINES * (LINE.length + 2);
/** Memory beyond that of the same flood without slow viewers; each would take 200 MB if it were buffered for. */
const SPARE_BYTES = 64 * 1024 * 1024;
const FLOOD_TIMEOUT_MS = 80_000;
const READY = 'ready\r\n';
/** Floods at Enter, says so, and echoes lines from then on. */
const FLOODER = [
  ...['sh', '-c'],
  `stty -echo; echo ready; read _; yes '${LINE}' | head -n ${FLOOD_LINES}; echo flooded; exec cat`,
];
const COUNTED_LINES = 2_000_000;
/** Counts at Enter, in the terminal and in a file, and echoes lines from then on. */
const COUNTER = [
  ...['sh', '-c'],
  `stty -echo; echo ready; read _; seq ${COUNTED_LINES} | tee copy; echo counted; exec cat`,
];
const COUNTED_FILE_BYTES = 14_888_896;

function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** The most memory workerd and the executor take until the returned function is called. */
async function watchMemory(): Promise<() => { workerd: number; executor: number }> {
  const pids = { workerd: await stack.pidOf('workerd'), executor: await stack.pidOf('executor') };
  const most = { workerd: 0, executor: 0 };
  const look = (): void => {
    for (const part of ['workerd', 'executor'] as const)
      most[part] = Math.max(most[part], residentBytes(pids[part]));
  };
  look();
  const timer = setInterval(look, 50);
  return () => {
    clearInterval(timer);
    return most;
  };
}

/** A raw viewer that attached, and does no more than what its socket does by itself. */
async function silentViewer(channel: number): Promise<RawViewer> {
  const raw = await RawViewer.connect(stack, sessionId);
  closers.push(() => raw.close());
  raw.send({ type: 'attach', channel, offset: null });
  await raw.message('attached');
  return raw;
}

/** One flood, watched by `watcher` to its end. Out: how long it took, and the most memory. */
async function flood(
  watcher: RemoteTerminal,
  during?: () => Promise<void>,
): Promise<{ ms: number; workerd: number; executor: number }> {
  const memory = await watchMemory();
  const startedAtMs = performance.now();
  const end = watcher.offset + FLOOD_BYTES;
  watcher.type('\r');
  await Promise.all([watcher.waitForBytes(end, FLOOD_TIMEOUT_MS), during?.()]);
  return { ms: performance.now() - startedAtMs, ...memory() };
}

/** How much of its count a {@link COUNTER} has printed so far, asked in a terminal of its own. */
async function copySize(): Promise<() => Promise<number>> {
  const asker = await viewer.open({
    command: [
      'sh',
      '-c',
      'stty -echo; n=0; while read _; do n=$((n+1)); echo "$n: $(stat -c %s copy);"; done',
    ],
  });
  let asked = 0;
  return async () => {
    asked += 1;
    asker.type('\r');
    const text = await asker.screen.waitFor(new RegExp(`^${asked}: \\d*;$`, 'm'));
    return Number(new RegExp(`^${asked}: (\\d*);$`, 'm').exec(text)?.[1]);
  };
}

/** A viewer behind a gate. */
async function gatedViewer(): Promise<{ gate: TcpGate; gated: PtyClient }> {
  const gate = await TcpGate.open(stack);
  const gated = await PtyClient.connect(gate, sessionId);
  closers.push(() => {
    gated.close();
    gate.close();
  });
  return { gate, gated };
}

describe('during a flood', { timeout: 3 * FLOOD_TIMEOUT_MS }, () => {
  it('one whose socket is not read and one that acknowledges nothing leave the others alone', async () => {
    const alone = await viewer.open({ command: FLOODER, keep: 'hash' });
    await alone.waitForBytes(READY.length);
    const without = await flood(alone);
    alone.close();

    const fast = await viewer.open({ command: FLOODER, keep: 'hash' });
    await fast.waitForBytes(READY.length);
    const deaf = await silentViewer(fast.channel);
    let deafBytes = 0;
    deaf.socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) deafBytes += data.length;
    });
    const { gate, gated } = await gatedViewer();
    const stuck = gated.attach(fast.channel);
    await stuck.screen.waitFor('ready');
    gate.shut();
    const typist = await viewer.open({ command: ['sh', '-c', 'stty -echo; printf ready; exec cat'] });
    await typist.screen.waitFor('ready');

    const echoesMs: number[] = [];
    const withSlow = await flood(fast, async () => {
      while (fast.offset < FLOOD_BYTES / 2) {
        const typedAtMs = performance.now();
        typist.type(`${echoesMs.length}.\r`);
        await typist.screen.waitFor(`${echoesMs.length}.`);
        echoesMs.push(performance.now() - typedAtMs);
      }
    });
    expect(echoesMs.length, 'lines echoed while it was flooded').toBeGreaterThan(3);
    expect(withSlow.workerd).toBeLessThan(without.workerd + SPARE_BYTES);
    expect(withSlow.executor).toBeLessThan(without.executor + SPARE_BYTES);
    expect(deafBytes).toBeLessThan(2 * OUTPUT_WINDOW_BYTES);
    expect(fast.snapshots).toBe(0);

    const before = stuck.snapshots;
    gate.reopen();
    await stuck.screen.waitFor('flooded', 30_000);
    expect(stuck.snapshots).toBeGreaterThan(before);
    fast.type('and on it goes\r');
    await stuck.screen.waitFor('and on it goes');
    const rest = 'flooded\r\nand on it goes\r\n';
    await fast.waitForBytes(READY.length + FLOOD_BYTES + rest.length);
    const expected = createHash('sha256').update(READY);
    for (let lines = 0; lines < FLOOD_LINES; lines += 10_000) expected.update(`${LINE}\r\n`.repeat(10_000));
    expect(fast.sha256()).toBe(expected.update(rest).digest('hex'));
  });
});

describe('when all stop reading', { timeout: 90_000 }, () => {
  it('the program waits within the window, and goes on when one reads again', async () => {
    const { gate, gated } = await gatedViewer();
    const terminal = await gated.open({ command: COUNTER, keep: 'hash' });
    await terminal.waitForBytes(READY.length);
    const printed = await copySize();
    // Before the first, a client has to be told where its input stands, and would not be behind the gate.
    await terminal.typeThrough(' ');
    gate.shut();
    terminal.type('\r');
    let held = -1;
    await until(
      async () => {
        const before = held;
        held = await printed();
        return held > 0 && held === before;
      },
      10_000,
      'the program to wait',
    );
    // The window, a frame, and what is in the pipe before the terminal.
    expect(held).toBeLessThan(OUTPUT_WINDOW_BYTES + 256 * 1024);
    gate.reopen();
    await terminal.waitForBytes(READY.length + COUNTED_FILE_BYTES + COUNTED_LINES, 30_000);
    expect(await printed()).toBe(COUNTED_FILE_BYTES);
    expect(terminal.snapshots).toBe(0);
  });

  it('it runs on after a while all the same, and who comes back gets the screen of then', async () => {
    const { gate, gated } = await gatedViewer();
    const terminal = await gated.open({ command: COUNTER });
    await terminal.screen.waitFor('ready');
    const printed = await copySize();
    // Before the first, a client has to be told where its input stands, and would not be behind the gate.
    await terminal.typeThrough(' ');
    gate.shut();
    terminal.type('\r');
    const all = async (): Promise<boolean> => (await printed()) === COUNTED_FILE_BYTES;
    await until(all, STALL_GRACE_MS + 20_000, 'the program to have printed all');
    gate.reopen();
    await terminal.screen.waitFor(/\n1999999\n2000000\ncounted$/, 40_000);
    expect(terminal.snapshots).toBeGreaterThan(0);
    terminal.type('still there\r');
    await terminal.screen.waitFor('still there');
  });
});
