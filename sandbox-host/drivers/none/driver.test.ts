import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inside, spec, until } from '../testing.ts';
import { createDriver } from '../index.ts';
import { UnisolatedDriver } from './index.ts';

let dataDir: string;
let said: string[];
let driver: UnisolatedDriver;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'alex-none-'));
  said = [];
  driver = new UnisolatedDriver({ dataDir, log: pino({}, { write: (line) => void said.push(line) }) });
});
afterEach(async () => {
  await driver.sweep();
  rmSync(dataDir, { recursive: true, force: true });
});

test('it is there only by its name, and says loudly what it is', async () => {
  const options = { dataDir, poolSize: 0, log: pino({ level: 'silent' }) };
  expect(createDriver('none', options).name).toBe('none');
  expect(await driver.probe()).toMatchObject({ ok: true, facts: { isolation: 'none' } });
  expect(said.join('')).toMatch(/"level":40.*NOT ISOLATED/);
});

test('a session is processes of this user in a directory of its own, with our environment and no other', async () => {
  process.env['ALEX_TEST_SECRET'] = 'do not pass on';
  const sandbox = await driver.start(spec('a'));
  const { output } = await inside(
    sandbox,
    'id -u; pwd; echo $SESSION_ID $HOME; env | grep -c SECRET; echo x > f',
  );
  delete process.env['ALEX_TEST_SECRET'];
  const workspace = join(dataDir, 'workspaces', 'a'.repeat(22));
  expect(output).toBe(`${process.getuid?.()}\n${workspace}\n${'a'.repeat(22)} ${workspace}\n0\n`);
  expect(existsSync(join(workspace, 'f'))).toBe(true);
  await sandbox.stop();
  await driver.deleteWorkspace('a'.repeat(22));
  expect(existsSync(workspace)).toBe(false);
});

test('stopping ends what runs in the background, of this session only, and keeps the files', async () => {
  const [one, other] = await Promise.all([driver.start(spec('a')), driver.start(spec('b'))]);
  const background = 'setsid sleep 1000 >/dev/null 2>&1 & echo kept > file';
  await inside(one, background);
  await inside(other, background);
  expect(await one.usage()).toMatchObject({ processes: 1, diskBytes: expect.any(Number) as number });
  expect((await one.usage()).memoryBytes).toBeGreaterThan(0);
  await one.stop();
  await one.ended;
  expect((await one.usage()).processes).toBe(0);
  expect((await other.usage()).processes).toBe(1);
  const again = await driver.start(spec('a'));
  expect(again.incarnation).not.toBe(one.incarnation);
  expect((await inside(again, 'cat file')).output).toBe('kept\n');
});

test('what an earlier executor left is swept, that of other data directories is not', async () => {
  const left = await driver.start(spec('a'));
  await inside(left, 'setsid sleep 1000 >/dev/null 2>&1 &');
  await new UnisolatedDriver({ dataDir: join(dataDir, 'other'), log: pino({ level: 'silent' }) }).sweep();
  expect((await left.usage()).processes).toBe(1);
  await new UnisolatedDriver({ dataDir, log: pino({ level: 'silent' }) }).sweep();
  let processes = 1;
  await until(() => {
    void left.usage().then((usage) => (processes = usage.processes));
    return processes === 0;
  }, 'the end of it');
});

test('files that only the other driver can reach are not passed over', async () => {
  mkdirSync(join(dataDir, 'workspaces'));
  writeFileSync(join(dataDir, 'workspaces', `${'a'.repeat(22)}.ext4`), '');
  await expect(driver.start(spec('a'))).rejects.toThrow(/bubblewrap/);
});
