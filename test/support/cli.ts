import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until, within } from './deadline.ts';
import { LocalPty } from './local-pty.ts';

const LAUNCHER = join(import.meta.dirname, '..', '..', 'cli', 'bin', 'alex.mjs');
const TIMEOUT_MS = 30_000;

/** What one run of `alex` came to. */
export interface CliRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A machine on which somebody uses `alex`: its own home, nothing inherited but the path. */
export class CliMachine {
  readonly home = mkdtempSync(join(tmpdir(), 'alex-home-'));

  /** Runs `alex` with pipes, as a script does. */
  run(
    args: readonly string[],
    options: { env?: Record<string, string>; input?: string } = {},
  ): Promise<CliRun> {
    return this.start(args, options).end();
  }

  /** Starts `alex` with pipes. `says`: waits until standard error has something; `end`: until it has ended. */
  start(args: readonly string[], options: { env?: Record<string, string>; input?: string } = {}) {
    const child = spawn(process.execPath, [LAUNCHER, ...args], { env: this.#env(options.env) });
    const closed = once(child, 'close') as Promise<[number | null]>;
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdin.end(options.input ?? '');
    const failed = (error: unknown): never => {
      child.kill('SIGKILL');
      throw new Error(`${String(error)}\n${stdout}\n${stderr}`, { cause: error });
    };
    const what = `alex ${args.join(' ')}`;
    return {
      says: (wanted: RegExp): Promise<RegExpExecArray> =>
        until(() => wanted.exec(stderr), TIMEOUT_MS, `${what}: ${String(wanted)}`).catch(failed),
      end: (): Promise<CliRun> =>
        within(closed, TIMEOUT_MS, what).then(([code]) => ({ code, stdout, stderr }), failed),
    };
  }

  /** Runs a command line in a shell on a PTY, where `alex` is a command, as a person does. */
  terminal(size: { cols: number; rows: number } = { cols: 80, rows: 24 }): LocalPty {
    const rc = `alex() { '${process.execPath}' '${LAUNCHER}' "$@"; }; export -f alex; PS1='local> ' exec bash --norc --noprofile`;
    return new LocalPty(['bash', '-c', rc], {
      ...size,
      env: { ...this.#env(), HISTFILE: '' },
    });
  }

  dispose(): void {
    rmSync(this.home, { recursive: true, force: true });
  }

  #env(extra: Record<string, string> = {}): Record<string, string> {
    return { PATH: process.env['PATH'] ?? '', HOME: this.home, LANG: 'C.UTF-8', ...extra };
  }
}
