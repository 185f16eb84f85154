import { afterEach, describe, expect, it } from 'vitest';
import type { TerminalMode } from '../../protocol/messages/session.ts';
import { ModeProbe, parseMode } from './mode-probe.ts';
import { ModeWatch } from './mode-watch.ts';
import { Pty } from './pty.ts';

const COOKED = { canonical: true, echo: true, signals: true };
const PASSWORD = { ...COOKED, echo: false };
const LINE_EDITOR = { canonical: false, echo: false, signals: true };
const RAW = { canonical: false, echo: false, signals: false };
const SIZE = { cols: 80, rows: 24 };
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A program on a PTY and a watch on it, as a terminal has them. */
function start(command: string[]): { type: (keys: string) => void; next: () => Promise<TerminalMode> } {
  const seen: TerminalMode[] = [];
  const waiting: ((mode: TerminalMode) => void)[] = [];
  const probe = new ModeProbe();
  const [file = 'sh', ...args] = command;
  const env = { PATH: '/usr/bin:/bin', TERM: 'xterm', PS1: 'ready> ' };
  const pty = new Pty({ file, args, env }, SIZE, {
    onOutput: () => watch.poke(),
    onExit: () => undefined,
  });
  const watch = new ModeWatch(
    () => probe.read(pty.path),
    (mode) => {
      const take = waiting.shift();
      if (take === undefined) seen.push(mode);
      else take(mode);
    },
  );
  closers.push(() => {
    watch.dispose();
    pty.hangUp();
    probe.close();
  });
  watch.poke();
  return {
    type: (keys) => pty.write(Buffer.from(keys), () => watch.expectChange()),
    next: () => {
      const ready = seen.shift();
      return ready === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(ready);
    },
  };
}

describe('a watch on a terminal', () => {
  it('sees passwords asked for, raw mode, and the way back', async () => {
    const { type, next } = start([
      'sh',
      '-c',
      'read x; stty -echo; read x; stty echo; read x; stty raw -echo; printf done; sleep 100',
    ]);
    expect(await next()).toEqual(COOKED);
    type('\n');
    expect(await next()).toEqual(PASSWORD);
    type('secret\n');
    expect(await next()).toEqual(COOKED);
    type('\n');
    expect(await next()).toEqual(RAW);
  });

  it('sees a shell edit its line, and a program take the terminal', async () => {
    const { type, next } = start(['bash', '--norc', '--noprofile', '-i']);
    let mode = await next();
    if (mode.canonical) mode = await next();
    expect(mode).toEqual(LINE_EDITOR);
    type('cat\r');
    expect(await next()).toEqual(COOKED);
    type('\x04');
    expect(await next()).toEqual(LINE_EDITOR);
  });
});

describe('reading modes', () => {
  it('answers null for a terminal that is gone, and goes on', async () => {
    const probe = new ModeProbe();
    closers.push(() => probe.close());
    expect(await probe.read('/dev/pts/no-such')).toBeNull();
    expect(await probe.read('/dev/null')).toBeNull();
  });

  it.each(['', 'gone', '1:2:3', 'x:y:z:w:'])('takes %j for none', (line) => {
    expect(parseMode(line)).toBeNull();
  });

  it('reads what stty prints', () => {
    expect(parseMode('4500:5:bf:8a3b:3:1c:7f:15:4')).toEqual(COOKED);
    expect(parseMode('4500:5:bf:8a31:3:1c:7f:15:4')).toEqual(LINE_EDITOR);
  });
});
