import pty from '@lydell/node-pty';
import type { BenchTerminal, Contestant } from '../terminal.ts';

/** A PTY in this process: the least a terminal can cost. */
export const barePty: Contestant = {
  name: 'bare PTY',
  open: (command) => Promise.resolve(openBarePty(command)),
  close: () => Promise.resolve(),
};

function openBarePty(command: readonly string[]): BenchTerminal {
  const [file = 'sh', ...args] = command;
  // encoding null: bytes, as for every other contestant.
  const child = pty.spawn(file, args, { cols: 80, rows: 24, encoding: null, name: 'xterm-256color' });
  let subscription: { dispose(): void } | null = null;
  return {
    write: (data) => child.write(Buffer.from(data).toString()),
    listen(listener) {
      subscription?.dispose();
      // With encoding null the library hands out Buffers, whatever its types say.
      subscription = child.onData((data: string | Uint8Array) => {
        void listener(typeof data === 'string' ? Buffer.from(data) : data);
      });
    },
    close: () => endPty(child),
  };
}

/** Hangs a PTY's program up and waits until it is gone. */
export function endPty(child: pty.IPty): Promise<void> {
  return new Promise((resolve) => {
    child.onExit(() => resolve());
    child.kill('SIGKILL');
  });
}
