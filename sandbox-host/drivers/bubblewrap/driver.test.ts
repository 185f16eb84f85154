import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sandbox } from '../driver.ts';
import { BubblewrapDriver } from './index.ts';
import { inside, spec } from '../testing.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'alex-driver-'));
const log = pino({ level: 'silent' });
const driver = new BubblewrapDriver({ dataDir, poolSize: 0, log });

let sandbox: Sandbox;
let neighbour: Sandbox;
beforeAll(async () => {
  expect(await driver.probe()).toMatchObject({ ok: true, problems: [] });
  sandbox = await driver.start(
    spec('a', { diskBytes: 64 * 1024 * 1024, memoryBytes: 128 * 1024 * 1024, maxProcesses: 64 }),
  );
  neighbour = await driver.start(spec('b'));
});
afterAll(async () => {
  await sandbox.stop();
  await neighbour.stop();
  for (const letter of ['a', 'b', 'c']) await driver.deleteWorkspace(letter.repeat(22));
  await driver.close();
  rmSync(dataDir, { recursive: true, force: true });
});

describe('what a process in a sandbox is', () => {
  test('an ordinary user without capabilities, filtered', async () => {
    const { output } = await inside(
      sandbox,
      'id -u; grep -E "CapEff|CapPrm|NoNewPrivs|Seccomp:" /proc/self/status',
    );
    expect(output).toMatch(/^1000\n/);
    expect(output).toMatch(/CapEff:\s+0000000000000000/);
    expect(output).toMatch(/CapPrm:\s+0000000000000000/);
    expect(output).toMatch(/NoNewPrivs:\s+1/);
    expect(output).toMatch(/Seccomp:\s+2/);
  });

  test('its environment is what we say and nothing else', async () => {
    const { output } = await inside(
      sandbox,
      'env | cut -d= -f1 | sort | tr "\\n" " "; echo $USER_ID/$SESSION_ID/$WORKSPACE_ID',
    );
    expect(output).toBe(
      `COLORTERM HOME LANG LOGNAME PATH PWD SESSION_ID SHELL SHLVL TERM USER USER_ID WORKSPACE_ID _ u1/${'a'.repeat(22)}/w1\n`,
    );
  });
});

describe('what it cannot reach', () => {
  test.each([
    ['processes of the host', 'test $(ls -d /proc/[0-9]* | wc -l) -gt 12'],
    ['files of the host', 'ls /home /opt /srv /var/lib'],
    ['shadow passwords', 'cat /etc/shadow'],
    ['the network', 'echo > /dev/tcp/127.0.0.1/22 || echo > /dev/tcp/1.1.1.1/53'],
    ['interfaces other than loopback', 'grep -vE "lo:|Inter|face" /proc/net/dev'],
    ["a neighbour's workspace", `ls /run/alex-edge || ls ${dataDir}`],
    ['the root, to write', 'touch /x || touch /usr/x || touch /etc/x'],
    ['mounting', 'mount -t tmpfs none /tmp'],
    ['a nested user namespace', 'unshare -U true'],
    ['another network namespace', 'unshare -n true'],
    ['becoming root', 'su -c true || setpriv --reuid 0 true'],
    // perl's syscall() reaches the kernel without libc; the numbers are those of x86-64.
    ['the kernel keyring', "perl -e 'exit(syscall(250,0,-3,0) == -1 ? 1 : 0)'"],
    ['io_uring', 'perl -e \'my $p="\\0"x120; exit(syscall(425,8,$p) == -1 ? 1 : 0)\''],
    ['ptrace of anything outside', `perl -e 'exit(syscall(101,16,${process.pid},0,0) == -1 ? 1 : 0)'`],
    [
      'typing into its own terminal (TIOCSTI)',
      'script -qec "perl -e \'exit(ioctl(STDIN,0x5412,q(x)) ? 0 : 1)\'" /dev/null',
    ],
  ])('%s', async (_name, script) => {
    expect((await inside(sandbox, script)).code).not.toBe(0);
  });

  test('signals to anything outside', async () => {
    expect((await inside(sandbox, `kill -0 ${process.pid}`)).code).not.toBe(0);
  });
});

describe('limits', () => {
  test('a process that takes too much memory is ended, the neighbour is not', async () => {
    expect(
      (await inside(sandbox, 'perl -e \'my $x = "x" x (400*1024*1024); print length $x\'')).output,
    ).not.toMatch(/^4/);
    expect((await inside(neighbour, 'echo well')).output).toBe('well\n');
  });

  test('a fork bomb stays small', async () => {
    const bomb = inside(sandbox, 'for i in $(seq 200); do sleep 5 & done; jobs -p | wc -l; kill $(jobs -p)');
    expect((await inside(neighbour, 'echo well')).output).toBe('well\n');
    expect((await bomb).output).toMatch(/Resource temporarily unavailable/);
  });

  test('a full disk is full for its own sandbox only', async () => {
    const filled = await inside(sandbox, 'head -c 200M /dev/zero > fill; stat -c %s fill; rm fill');
    expect(filled.output).toMatch(/No space left/);
    expect((await inside(neighbour, 'echo well > a && cat a')).output).toBe('well\n');
  });
});

test('shells of one sandbox share /tmp and see each other', async () => {
  await inside(sandbox, 'echo shared > /tmp/file');
  expect((await inside(sandbox, 'cat /tmp/file')).output).toBe('shared\n');
});

test('usage is measured', async () => {
  const usage = await sandbox.usage();
  expect(usage.processes).toBeGreaterThan(0);
  expect(usage.memoryBytes).toBeGreaterThan(0);
});

test('the workspace outlives its processes, and stopping leaves none', async () => {
  const first = await driver.start(spec('c'));
  await inside(first, 'echo kept > /workspace/file; (sleep 1000 >/dev/null 2>&1 &)');
  const ended = first.ended;
  await first.stop();
  await ended;
  const second = await driver.start(spec('c'));
  expect(second.incarnation).not.toBe(first.incarnation);
  expect((await inside(second, 'cat /workspace/file; ls /proc | grep -c "^[0-9]"')).output).toMatch(
    /^kept\n[1-9]\n/,
  );
  await second.stop();
});
