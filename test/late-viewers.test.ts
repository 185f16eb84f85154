import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everythingOf } from '../sandbox-host/executor/testing/terminal-look.ts';
import { createSession } from './support/api.ts';
import { until } from './support/deadline.ts';
import { PtyClient, type RemoteTerminal } from './support/pty-client.ts';
import { Stack } from './support/stack.ts';
import { TcpGate } from './support/tcp-gate.ts';

/** Whoever comes in the middle of a program, or back after a while, has cell by cell what others have who stayed. */
let stack: Stack;
let sessionId: string;
let viewer: PtyClient;
let latecomer: PtyClient;

beforeAll(async () => {
  stack = await Stack.start();
  sessionId = (await createSession(stack, 'late')).id;
  viewer = await PtyClient.connect(stack, sessionId);
  latecomer = await PtyClient.connect(stack, sessionId);
});
afterAll(async () => {
  latecomer.close();
  viewer.close();
  await stack.stop();
});

const SETTLE_TIMEOUT_MS = 10_000;

/** Both have the same output, and the same of it. */
async function sameForBoth(one: RemoteTerminal, other: RemoteTerminal): Promise<void> {
  const look = (side: RemoteTerminal): unknown => everythingOf(side.screen.terminal);
  const same = (): boolean =>
    one.offset === other.offset && JSON.stringify(look(one)) === JSON.stringify(look(other));
  await until(same, SETTLE_TIMEOUT_MS, 'both to have the same').catch(() =>
    expect(look(other)).toEqual(look(one)),
  );
}

const SHELL = 'env -i TERM=screen-256color PS1=\\$\\  PATH=/usr/bin:/bin sh';
const PROGRAMS: {
  name: string;
  command: string[];
  begin: [string, string | RegExp][];
  later: [string, string | RegExp];
}[] = [
  {
    name: 'vim',
    command: [
      'vim',
      '-u',
      'NONE',
      '-i',
      'NONE',
      '-n',
      '-N',
      '--cmd',
      'set enc=utf-8 number mouse=a | syntax on',
    ],
    begin: [
      ['', 'VIM - Vi IMproved'],
      ['iint main() { return 0; } // wörld 漢字 😀', '😀'],
      ['\x1b:set filetype=c\r', 'filetype=c'],
    ],
    later: [':vsplit\r', /main.*main/],
  },
  {
    name: 'less',
    command: ['sh', '-c', 'seq -f "%g 漢字" 900 | LESSHISTFILE=- less'],
    begin: [
      ['', /^23 /m],
      ['/45\r', /^45 /m],
    ],
    later: ['G', '(END)'],
  },
  {
    name: 'tmux',
    command: [
      'tmux',
      '-f',
      '/dev/null',
      '-L',
      'alex-late',
      'new-session',
      SHELL,
      ';',
      'set',
      '-g',
      'default-command',
      SHELL,
    ],
    begin: [
      ['', /^\$/m],
      ['\x02%', /│\$/],
      ['printf "\\033[1;35mbold\\033[0m\\n"\r', /│bold/],
    ],
    later: ['seq 70 90\r', /│90/],
  },
  {
    // It draws anew every 100 s only: both have to be looked at while it rests.
    name: 'htop',
    command: ['htop', '-d', '1000'],
    begin: [['', 'F10Quit']],
    later: ['h', /Help|help/],
  },
];

describe('a late viewer', () => {
  it.each(PROGRAMS)('of $name', async ({ command, begin, later: [keys, shows] }) => {
    const stayed = await viewer.open({ command });
    for (const [typed, shown] of begin) {
      if (typed !== '') stayed.type(typed);
      await stayed.screen.waitFor(shown);
    }
    // With a window of another size, which does not count before it types.
    const late = latecomer.attach(stayed.channel, { cols: 100, rows: 30 });
    await sameForBoth(stayed, late);
    expect(late.snapshots).toBe(1);
    stayed.type(keys);
    await late.screen.waitFor(shows);
    await sameForBoth(stayed, late);
    late.resize(100, 30);
    late.type(' ');
    await until(() => stayed.screen.terminal.cols === 100, SETTLE_TIMEOUT_MS, 'the size of who typed');
    await sameForBoth(stayed, late);
    stayed.close();
  });
});

it('who comes back after more was printed than is kept has what the others have', async () => {
  const gate = await TcpGate.open(stack);
  const away = await PtyClient.connect(gate, sessionId);
  const command = [
    'sh',
    '-c',
    'stty -echo; printf "\\033[?2004h\\033[44mready"; read _; seq 900000; exec cat',
  ];
  const stayed = await viewer.open({ command });
  const back = away.attach(stayed.channel);
  await back.screen.waitFor('ready');
  gate.shut();
  stayed.type('\r');
  await stayed.screen.waitFor(/^900000$/m, 40_000);
  const snapshots = back.snapshots;
  away.client.drop();
  gate.reopen();
  await back.screen.waitFor(/^900000$/m, 20_000);
  expect(back.snapshots).toBe(snapshots + 1);
  expect(back.screen.lines()).toEqual(stayed.screen.lines());
  expect(back.screen.state()).toEqual(stayed.screen.state());
  stayed.type('typed\r');
  await back.screen.waitFor('typed');
  expect(back.screen.lines()).toEqual(stayed.screen.lines());
  away.close();
  gate.close();
});
