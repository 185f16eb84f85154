import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHash } from 'node:crypto';
import { listLimitGroups, openLimitGroup } from './cgroups.ts';
import { BubblewrapDriver } from './index.ts';
import { inside, loopFilesOf, spec, until } from '../testing.ts';

const log = pino({ level: 'silent' });
let dataDir: string;
let driver: BubblewrapDriver;
let child: ChildProcess | null;
beforeEach(() => {
  child = null;
  dataDir = mkdtempSync(join(tmpdir(), 'alex-ahead-'));
  driver = new BubblewrapDriver({ dataDir, poolSize: 2, log });
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await driver.close();
  await driver.sweep();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Waits until all that are kept ready are ready. */
async function filled(size = 2): Promise<void> {
  driver.prepareAhead();
  await until(() => driver.spares === size, 'sandboxes made ahead');
}

const groups = (): string[] => {
  const prefix = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  return listLimitGroups().filter((name) => name.startsWith(prefix));
};
const workspaces = (): string[] => readdirSync(join(dataDir, 'workspaces')).sort();
const uids = (): Record<string, number> =>
  JSON.parse(readFileSync(join(dataDir, 'sandbox-uids.json'), 'utf8')) as Record<string, number>;

/** False for zombies as well: whoever reaps orphans here takes its time. */
function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}/exe`) && readFileSync(`/proc/${pid}/cmdline`).length > 0;
}

test('a new session takes one, which is its own from then on', async () => {
  await filled();
  expect(existsSync(join(dataDir, 'sandbox-uids.json')), 'nobody has a user yet').toBe(false);
  const sandbox = await driver.start(spec('a'));
  expect(driver.spares, 'one was taken').toBe(1);
  const uid = uids()['a'.repeat(22)];
  expect((await inside(sandbox, 'ls -A; echo $SESSION_ID; echo mine > file; cat file')).output).toBe(
    `${'a'.repeat(22)}\nmine\n`,
  );
  await sandbox.stop();
  const again = await driver.start(spec('a'));
  expect((await inside(again, 'cat file; stat -c %u file')).output).toBe('mine\n1000\n');
  expect(again.incarnation).not.toBe(sandbox.incarnation);
  expect(uids()['a'.repeat(22)]).toBe(uid);
  await again.stop();
  await driver.deleteWorkspace('a'.repeat(22));
  expect(uids()).toEqual({});
});

test('two sessions that take one each have nothing in common', async () => {
  await filled();
  const [one, other] = await Promise.all([driver.start(spec('a')), driver.start(spec('b'))]);
  const said = await inside(one, 'echo secret | tee /tmp/a /dev/shm/a a; sleep 1000 >/dev/null & echo');
  expect(said.code).toBe(0);
  const seen = await inside(
    other,
    'ls -A /tmp /dev/shm /workspace; pgrep -c sleep; hostname; ipcs -q | wc -l',
  );
  expect(seen.output).toMatch(/^\/dev\/shm:\n\n\/tmp:\n\n\/workspace:\n1\n/);
  expect(new Set(Object.values(uids())).size).toBe(2);
  await Promise.all([one.stop(), other.stop()]);
});

test('it has the limits of the session that took it', async () => {
  await filled();
  const sandbox = await driver.start(spec('a', { memoryBytes: 64 * 1024 * 1024, maxProcesses: 20 }));
  expect(driver.spares).toBe(1);
  const hog = await inside(sandbox, 'perl -e \'my $x = "x" x (200*1024*1024); print length $x\'');
  expect(hog.output).not.toMatch(/^2/);
  const bomb = await inside(sandbox, 'for i in $(seq 30); do sleep 5 & done; kill $(jobs -p)');
  expect(bomb.output).toMatch(/Resource temporarily unavailable/);
  await sandbox.stop();
});

test('a session that wants a disk of another size gets one, and so will the next', async () => {
  await filled();
  const limits = { diskBytes: 32 * 1024 * 1024 };
  const small = await driver.start(spec('a', limits));
  expect(Number((await inside(small, 'df --output=size -B1 /workspace | tail -1')).output)).toBeLessThan(
    32 * 1024 * 1024,
  );
  await until(() => driver.spares === 2 && workspaces().length === 3, 'sandboxes of the new size');
  const next = await driver.start(spec('b', limits));
  expect(driver.spares, 'it was there already').toBe(1);
  await Promise.all([small.stop(), next.stop()]);
});

test('one that dies while it waits is replaced', async () => {
  await filled();
  const [first = ''] = groups();
  for (const pid of openLimitGroup(first).pids()) process.kill(pid, 'SIGKILL');
  await until(() => !groups().includes(first) && driver.spares === 2, 'another in its place');
  const sandbox = await driver.start(spec('a'));
  expect((await inside(sandbox, 'echo well')).output).toBe('well\n');
  await sandbox.stop();
});

test('closing leaves nothing behind', async () => {
  await filled();
  await driver.close();
  expect([groups(), workspaces()]).toEqual([[], []]);
  await until(() => loopFilesOf(dataDir).length === 0, 'the end of the loop devices');
});

test('what a killed executor had made ahead is swept, and what a session took is kept', async () => {
  const program = `
    import { BubblewrapDriver } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};
    const quiet = { warn() {}, info() {} };
    const driver = new BubblewrapDriver({ dataDir: process.argv[1], poolSize: 2, log: quiet });
    driver.prepareAhead();
    const full = async () => {
      while (driver.spares < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    await full();
    await driver.start(JSON.parse(process.argv[2]));
    await full();
    console.log('full');
    setInterval(() => undefined, 1000);
  `;
  child = spawn(
    process.execPath,
    ['--input-type=module', '-e', program, dataDir, JSON.stringify(spec('a'))],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (child.stdout === null) throw new Error('no pipe');
  await once(child.stdout, 'data');
  expect([groups().length, workspaces().length, loopFilesOf(dataDir).length]).toEqual([3, 3, 3]);
  const left = groups().flatMap((name) => openLimitGroup(name).pids());
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  const other = new BubblewrapDriver({ dataDir: join(dataDir, 'other'), poolSize: 0, log });
  await other.sweep();
  expect(groups().length, 'those of another data directory are not swept').toBe(3);
  await driver.sweep();
  expect(groups()).toEqual([]);
  await until(() => !left.some(isRunning), 'the end of its processes');
  expect(workspaces()).toEqual([`${'a'.repeat(22)}.ext4`]);
  expect(Object.keys(uids())).toEqual(['a'.repeat(22)]);
  await until(() => loopFilesOf(dataDir).length === 0, 'the end of the loop devices');
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(dataDir);
  const sandbox = await driver.start(spec('a'));
  expect((await inside(sandbox, 'echo well')).output).toBe('well\n');
  await sandbox.stop();
});
