import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSession } from './support/api.ts';
import { sameAsLocal } from './support/compare.ts';
import { PtyClient } from './support/pty-client.ts';
import { Stack } from './support/stack.ts';

/** Programs behave as in a local terminal: driven through the whole path and on a PTY of this machine, screens compared. */
let stack: Stack;
let viewer: PtyClient;

beforeAll(async () => {
  stack = await Stack.start();
  viewer = await PtyClient.connect(stack, (await createSession(stack, 'interactive')).id);
});
afterAll(async () => {
  viewer.close();
  await stack.stop();
});

const ESC = '\x1b';

describe('programs behave as in a local terminal', () => {
  it('vim', async () => {
    await sameAsLocal(
      viewer,
      ['vim', '-u', 'NONE', '-i', 'NONE', '-n', '-N', '--cmd', 'set enc=utf-8'],
      [
        { until: 'VIM - Vi IMproved' },
        { keys: 'i', until: '-- INSERT --' },
        { keys: 'Hello wörld\r漢字 and 😀 after\rthird', until: 'third' },
        { keys: ESC, until: (text) => !text.includes('-- INSERT --') },
        { keys: ':set number ruler\r', until: '  3 third' },
        { keys: 'ggdd', until: (text) => !text.includes('Hello') },
        { keys: 'u', until: 'Hello wörld' },
        { resize: [300, 100], until: (text) => text.split('\n').length === 100 },
        { resize: [60, 20], until: (text) => text.split('\n').length === 20 },
        { keys: ':q!\r', exit: 0 },
      ],
    );
  });

  it('less', async () => {
    await sameAsLocal(
      viewer,
      ['sh', '-c', 'seq 1 2000 | LESSHISTFILE=- less'],
      [
        { until: /^23$/m },
        { keys: ' ', until: /^46$/m },
        { keys: 'G', until: '(END)' },
        { keys: 'g', until: /^1$/m },
        { keys: '/^15.7$\r', until: (text) => text.startsWith('1507\n') },
        { resize: [100, 40], until: /^1545$/m },
        { keys: 'q', exit: 0 },
      ],
    );
  });

  it('tmux', async () => {
    const shell = 'env -i TERM=screen PS1=\\$\\  PATH=/usr/bin:/bin sh';
    await sameAsLocal(
      viewer,
      [
        ...['tmux', '-f', '/dev/null', '-L', 'alex-test', 'new-session', shell],
        ...[';', 'set', '-g', 'status', 'off', ';', 'set', '-g', 'default-command', shell],
      ],
      [
        { until: /^\$/m },
        { keys: 'echo one-$((40+2))\r', until: /^one-42$/m },
        { keys: '\x02%', until: /│\$/ },
        { keys: 'echo two-$((40+3))\r', until: /│two-43/ },
        { resize: [120, 40], until: (text) => text.split('\n').length === 40 },
        { keys: 'exit\r', until: (text) => !text.includes('│') },
        { keys: 'exit\r', exit: 0 },
      ],
    );
  });

  it('htop', async () => {
    // What it shows differs from moment to moment; that it draws, resizes, answers and leaves no trace does not.
    const terminal = await viewer.open({ command: ['htop', '--no-color'], cols: 100, rows: 30 });
    await terminal.screen.waitFor('F10Quit');
    expect(terminal.screen.state()).toMatchObject({ buffer: 'alternate' });
    terminal.resize(300, 100);
    await terminal.screen.waitFor(
      (text) => text.split('\n').length === 100 && /F10Quit/.test(text.split('\n')[99] ?? ''),
    );
    terminal.type('q');
    expect(await terminal.exit()).toMatchObject({ exitCode: 0, reason: 'exited' });
    expect(terminal.screen.state()).toMatchObject({ buffer: 'normal' });
  });

  it('wide characters, emoji and combining marks', async () => {
    const text = '漢字かな|한글|😀👍|e\\314\\201 o\\314\\210|ﬁn|ﾊﾝｶｸ|→←|±';
    const script = `i=0; while [ $i -lt 5 ]; do printf '%${'s'}${text}\\n' ''; i=$((i+1)); done; printf '\\033[5Cend'; read x`;
    await sameAsLocal(
      viewer,
      ['sh', '-c', script],
      [{ until: 'end' }, { resize: [30, 20], until: 'end' }, { keys: '\r', exit: 0 }],
    );
  });

  it('alternate screen, scroll regions and colours', async () => {
    const script = [
      "printf 'before\\n\\033[?1049h\\033[2J\\033[5;10Hin the middle\\033[3;8r\\033[8;1H'",
      "printf '\\033[31mred\\033[0m\\n\\nscrolled'",
      'read x',
      "printf '\\033[r\\033[?1049lafter'",
      'read x',
    ].join('; ');
    await sameAsLocal(
      viewer,
      ['sh', '-c', script],
      [{ until: 'scrolled' }, { keys: '\r', until: 'after' }, { keys: '\r', exit: 0 }],
    );
  });

  it('bracketed paste', async () => {
    await sameAsLocal(
      viewer,
      ['env', '-i', 'TERM=xterm-256color', 'PS1=> ', 'HISTFILE=', 'bash', '--norc', '--noprofile'],
      [
        { until: /^>/m },
        { keys: `${ESC}[200~echo a\necho b${ESC}[201~`, until: 'echo b' },
        { keys: '\r', until: /^b$/m },
        { keys: 'exit 3\r', exit: 3 },
      ],
    );
  });

  it('mouse reporting', async () => {
    await sameAsLocal(
      viewer,
      // The shell stays: cat lets go of its terminal before it ends, and is hung up then where a terminal is nobody else's.
      ['sh', '-c', "stty -echo; printf '\\033[?1000h\\033[?1006hclick'; cat -v; exit $?"],
      [
        { until: 'click' },
        { keys: `${ESC}[<0;10;5M${ESC}[<0;10;5m\r`, until: '^[[<0;10;5M^[[<0;10;5m' },
        { keys: '\x04', exit: 0 },
      ],
    );
  });

  it('a resize reaches the program, up to 300x100', async () => {
    // `read -t 0` only looks whether there is a key; a read that times out may swallow one.
    const script = "trap 'stty size' WINCH; stty size; until read -t 0; do sleep 0.05; done";
    await sameAsLocal(
      viewer,
      ['bash', '-c', script],
      [
        { until: /^24 80$/m },
        { resize: [300, 100], until: /^100 300$/m },
        { resize: [20, 5], until: /^5 20$/m },
        { keys: '\r', exit: 0 },
      ],
    );
  });

  it('Ctrl-C, Ctrl-Z and job control', async () => {
    const environment = ['env', '-i', 'TERM=xterm-256color', 'PS1=> ', 'PATH=/usr/bin:/bin', 'HISTFILE='];
    await sameAsLocal(
      viewer,
      [...environment, 'bash', '--norc', '--noprofile'],
      [
        { until: /^>/m },
        { keys: 'sleep 1000\r', until: 'sleep 1000' },
        { keys: '\x1a', until: /Stopped/ },
        { keys: 'fg\r', until: /^sleep 1000$/m },
        { keys: '\x03', until: /\^C\n>/ },
        { keys: 'echo $?\r', until: /^130$/m },
        { keys: '\x04', exit: 0 },
      ],
    );
  });
});
