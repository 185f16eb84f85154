import pty from '@lydell/node-pty';
import { Screen } from './screen.ts';

/** A program on a PTY of this machine, without anything between: what "as in a local terminal" is measured against. */
export class LocalPty {
  readonly screen: Screen;
  /** Settles with the exit code; 128 + signal when it was killed. */
  readonly exited: Promise<number>;
  readonly #pty: pty.IPty;

  constructor(
    command: readonly string[],
    options: {
      cols: number;
      rows: number;
      cwd?: string;
      env?: Record<string, string>;
      heard?: (text: string) => void;
    },
  ) {
    const [file = 'sh', ...args] = command;
    this.screen = new Screen(options.cols, options.rows);
    this.#pty = pty.spawn(file, args, {
      name: 'xterm-256color',
      cols: options.cols,
      rows: options.rows,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: '/tmp',
        LANG: 'C.UTF-8',
        TERM: 'xterm-256color',
        ...options.env,
      },
    });
    this.#pty.onData((data) => {
      options.heard?.(data);
      void this.screen.write(data);
    });
    // A real terminal answers queries (cursor position, device attributes); so must this one.
    this.screen.terminal.onData((answer) => this.#pty.write(answer));
    this.exited = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode, signal }) => {
        resolve(signal === undefined || signal === 0 ? exitCode : 128 + signal);
      });
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  type(keys: string): void {
    this.#pty.write(keys);
  }

  resize(cols: number, rows: number): void {
    this.screen.terminal.resize(cols, rows);
    this.#pty.resize(cols, rows);
  }

  /** Ends the program if it still runs. */
  async close(): Promise<void> {
    try {
      this.#pty.kill('SIGKILL');
    } catch {
      // It ended by itself.
    }
    await this.exited;
  }
}
