/**
 * Records the sessions that the screens' tests replay, as asciicasts (version 2) of real programs on a local PTY:
 * `node test/support/record-sessions.ts`. They hold nothing of the machine they were made on.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalPty } from './local-pty.ts';

const FOLDER = join(import.meta.dirname, '../../sandbox-host/executor/testing/recordings');
const SIZE = { cols: 80, rows: 24 };
const ESC = '\x1b';

/** Keys to type or a size to take, and what the screen shows before the next. */
type Step = { keys?: string; resize?: [cols: number, rows: number]; until: string | RegExp };

const COLOURED = `for i in $(seq 300); do printf '\\033[3%d;1mline %d\\033[0m \\033[48;5;%dmtext\\033[m 漢字 😀\\n' $((i%8)) $i $i; done`;
const SHELL = 'env -i TERM=screen-256color LANG=C.UTF-8 PS1=\\$\\  PATH=/usr/bin:/bin sh';

const SESSIONS: Record<string, { command: string[]; steps: Step[] }> = {
  vim: {
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
    steps: [
      { until: 'VIM - Vi IMproved' },
      { keys: 'iint main() { return 0; } // wörld\r漢字 and 😀 after\rthird', until: 'third' },
      { keys: `${ESC}:set filetype=c hlsearch\r`, until: 'filetype=c' },
      { keys: 'gg/after\r', until: '/after' },
      { keys: ':vsplit\r', until: /third.*\|.*third/ },
      { resize: [100, 30], until: /third.*\|.*third/ },
      { keys: `ggyy20p${ESC}:set nonumber\r`, until: ':set nonumber' },
      { keys: ':qa!\r', until: /^/ },
    ],
  },
  less: {
    command: ['sh', '-c', `(${COLOURED}) | LESSHISTFILE=- less -R`],
    steps: [
      { until: 'line 23 ' },
      { keys: ' ', until: 'line 46 ' },
      { keys: 'G', until: '(END)' },
      { keys: '?line 15[05]\r', until: /line 15[05]/ },
      { resize: [60, 40], until: /line 188 / },
      { keys: 'g', until: /^line 1 /m },
      { keys: 'q', until: /^/ },
    ],
  },
  tmux: {
    command: [
      ...['tmux', '-f', '/dev/null', '-L', 'alex-recording', 'new-session', '-n', 'shell', SHELL, ';'],
      ...[
        'set',
        '-g',
        'status-right',
        '',
        ';',
        'set',
        '-g',
        'default-command',
        SHELL,
        ';',
        'set',
        '-g',
        'mouse',
        'on',
      ],
    ],
    steps: [
      { until: /^\$/m },
      { keys: 'printf "\\033[1;35mbold\\033[0m 漢字\\n"; seq 40\r', until: /^40$/m },
      { keys: '\x02%', until: /│\$/ },
      { keys: 'seq 100 130\r', until: /│130/ },
      { keys: '\x02"', until: /─{10}/ },
      { resize: [120, 40], until: /─{20}/ },
      { keys: 'exit\r', until: /^(?![^]*─{10})/ },
      { keys: 'exit\r', until: /^(?![^]*│)/ },
      { keys: 'exit\r', until: /exited/ },
    ],
  },
  htop: {
    command: ['sh', '-c', 'HTOPRC=/dev/null exec htop -d 5 -p $$'],
    steps: [
      { until: 'F10Quit' },
      { keys: 'h', until: 'htop' },
      { keys: ' ', until: 'F10Quit' },
      { resize: [100, 40], until: /F10Quit/ },
      { keys: 't', until: 'F10Quit' },
      { keys: 'q', until: /^/ },
    ],
  },
};

mkdirSync(FOLDER, { recursive: true });
for (const [name, { command, steps }] of Object.entries(SESSIONS)) {
  const lines = [JSON.stringify({ version: 2, width: SIZE.cols, height: SIZE.rows, title: name })];
  const heard = (text: string): void => void lines.push(JSON.stringify([lines.length / 10, 'o', text]));
  const program = new LocalPty(command, { ...SIZE, heard });
  for (const { keys, resize, until } of steps) {
    if (resize !== undefined) {
      lines.push(JSON.stringify([lines.length / 10, 'r', resize.join('x')]));
      program.resize(...resize);
    }
    if (keys !== undefined) program.type(keys);
    await program.screen.waitFor(until);
  }
  await program.exited;
  writeFileSync(join(FOLDER, `${name}.cast`), `${lines.join('\n')}\n`);
}
