import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { TerminalMode } from '../../protocol/messages/session.ts';

/** A helper that has not answered for so long is ended; the next question starts another. */
const ANSWER_TIMEOUT_MS = 2_000;
/** Local flags of termios on Linux (asm-generic/termbits.h). */
const ISIG = 0o1;
const ICANON = 0o2;
const ECHO = 0o10;

/** Answers each path on a line of its own with the terminal's settings on one. A shell forks faster than this process. */
const HELPER = 'while read -r path; do stty -g -F "$path" 2>/dev/null || echo gone; done';

/**
 * Reads line disciplines. Node has no tcgetattr, so a small shell beside this process asks stty, one question after the
 * other; asking costs this process a line on a pipe. One helper serves every terminal, and ends with this process.
 */
export class ModeProbe {
  #helper: ChildProcessByStdio<Writable, Readable, null> | null = null;
  readonly #waiting: ((answer: string) => void)[] = [];
  #deadline: NodeJS.Timeout | null = null;

  /** The mode of the terminal whose slave side is at `path`; null when it is gone or nobody answers. */
  async read(path: string): Promise<TerminalMode | null> {
    const answer = await new Promise<string>((resolve) => {
      this.#waiting.push(resolve);
      this.#helper ??= this.#start();
      this.#helper.stdin.write(`${path}\n`);
      this.#watch();
    });
    return parseMode(answer);
  }

  /** Ends the helper. Questions not answered yet are answered with null. */
  close(): void {
    const helper = this.#helper;
    this.#helper = null;
    helper?.kill('SIGKILL');
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#deadline = null;
    for (const resolve of this.#waiting.splice(0)) resolve('');
  }

  #start(): ChildProcessByStdio<Writable, Readable, null> {
    const helper = spawn('/bin/sh', ['-c', HELPER], { stdio: ['pipe', 'pipe', 'ignore'] });
    const over = (): void => {
      if (this.#helper === helper) this.close();
    };
    helper.on('error', over).on('exit', over);
    helper.stdin.on('error', over);
    helper.unref();
    createInterface({ input: helper.stdout }).on('line', (line) => {
      if (this.#helper !== helper) return;
      this.#waiting.shift()?.(line);
      this.#watch();
    });
    return helper;
  }

  #watch(): void {
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#deadline =
      this.#waiting.length === 0 ? null : setTimeout(() => this.close(), ANSWER_TIMEOUT_MS).unref();
  }
}

/** Reads what `stty -g` prints: input, output, control and local flags in hexadecimal, then the rest. */
export function parseMode(line: string): TerminalMode | null {
  const local = /^[\da-f]+:[\da-f]+:[\da-f]+:([\da-f]+):/.exec(line)?.[1];
  if (local === undefined) return null;
  const flags = Number.parseInt(local, 16);
  return {
    canonical: (flags & ICANON) !== 0,
    echo: (flags & ECHO) !== 0,
    signals: (flags & ISIG) !== 0,
  };
}
