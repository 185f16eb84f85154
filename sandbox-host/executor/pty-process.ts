import { createRequire } from 'node:module';
import { ReadStream } from 'node:tty';
import { z } from 'zod';
import type { TerminalSize } from '../../protocol/messages/session.ts';

/** A PTY never gives more at once. */
const READ_BYTES = 4 * 1024;
/** After the process ended, how long what others still hold of its terminal is read. */
const DRAIN_MS = 200;
/** No change of user: a sandbox's launcher does that itself. */
const SAME_ID = -1;

/** What `fork` gives: the master's descriptor, and where the slave side can be opened. */
const Forked = z.object({ fd: z.int().nonnegative(), pid: z.int().positive(), pty: z.string() });

/** The compiled part of the PTY library: as much of it as is used here. */
interface NativePty {
  fork(
    ...args: [
      file: string,
      args: string[],
      env: string[],
      cwd: string,
      cols: number,
      rows: number,
      uid: number,
      gid: number,
      utf8: boolean,
      helper: string,
      onExit: () => void,
    ]
  ): unknown;
  resize(fd: number, cols: number, rows: number): void;
}

const isFunction = (value: unknown): boolean => typeof value === 'function';
const Library = z.object({ requireBinary: z.custom<(file: string) => unknown>(isFunction) });
const Native = z.object({
  fork: z.custom<NativePty['fork']>(isFunction),
  resize: z.custom<NativePty['resize']>(isFunction),
});
const { requireBinary } = Library.parse(createRequire(import.meta.url)('@lydell/node-pty/requireBinary.js'));
const native = Native.parse(requireBinary('pty.node'));

/** Every PTY of the process is read into it; what was read is dealt with before the next read. */
const readBuffer = Buffer.allocUnsafeSlow(READ_BYTES);

/**
 * A process on a pseudo-terminal of its own, by the PTY library's compiled part. Its JavaScript part is left out: it makes
 * a new 64 KiB buffer for each 4 KiB read, which under a flood costs more than the reading.
 */
export class PtyProcess {
  readonly pid: number;
  /** The master's descriptor, non-blocking; valid until `onExit`. */
  readonly fd: number;
  /** Where the slave side can be opened. */
  readonly path: string;
  readonly #reader: ReadStream;
  #open = true;

  /**
   * Starts `argv`. `onData` gets what was read, valid until it returns; `onExit` is called once, when the process ended
   * and nothing more is to be read. Throws when the system has no more terminals or processes.
   */
  constructor(
    argv: readonly [string, ...string[]],
    env: Record<string, string>,
    { cols, rows }: TerminalSize,
    { onData, onExit }: { onData: (bytes: Buffer) => void; onExit: () => void },
  ) {
    const [file, ...args] = argv;
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const ended = (): void => this.#drain(onExit);
    const cwd = process.cwd();
    const forked = native.fork(file, args, variables, cwd, cols, rows, SAME_ID, SAME_ID, false, '', ended);
    const { fd, pid, pty } = Forked.parse(forked);
    this.fd = fd;
    this.pid = pid;
    this.path = pty;
    const callback = (length: number): boolean => {
      onData(readBuffer.subarray(0, length));
      return true;
    };
    this.#reader = new ReadStream(fd, { onread: { buffer: readBuffer, callback } });
    // EIO when the last slave was closed. The exit follows, and says more.
    this.#reader.on('error', () => undefined);
    this.#reader.resume();
  }

  pause(): void {
    this.#reader.pause();
  }

  resume(): void {
    if (this.#open) this.#reader.resume();
  }

  resize({ cols, rows }: TerminalSize): void {
    if (this.#open) native.resize(this.fd, cols, rows);
  }

  /** The process has ended. Reads on until the terminal is closed by everybody, but not for long. */
  #drain(onExit: () => void): void {
    const finish = (): void => {
      if (!this.#open) return;
      this.#open = false;
      clearTimeout(late);
      // First, for nobody may use the descriptor once it is closed.
      onExit();
      this.#reader.destroy();
    };
    const late = setTimeout(finish, DRAIN_MS);
    if (this.#reader.destroyed) finish();
    else this.#reader.once('close', finish).resume();
  }
}
