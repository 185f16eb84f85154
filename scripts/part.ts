import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

const RESTART_MIN_MS = 250;
const RESTART_MAX_MS = 8_000;
/** A part that ran this long starts again at once when it dies. */
const STEADY_MS = 10_000;
const STOP_TIMEOUT_MS = 8_000;

/** What a part tells its owner. */
export interface PartEvents {
  /** It was started, as the leader of a process group. */
  started(pid: number): void;
  /** It ended by itself with code 2 or 3: starting again would not help. */
  fatal(detail: string): void;
}

/** One process of the stack, started again when it dies. */
export class Part {
  readonly name: string;
  readonly #command: string[];
  readonly #env: Record<string, string>;
  readonly logFile: string;
  #child: ChildProcess | null = null;
  #stopping = false;
  #delayMs = RESTART_MIN_MS;

  constructor(name: string, command: string[], env: Record<string, string>, logFile: string) {
    this.name = name;
    this.#command = command;
    this.#env = env;
    this.logFile = logFile;
  }

  start(events: PartEvents): void {
    const [file = '', ...args] = this.#command;
    const log = openSync(this.logFile, 'a', 0o600);
    const startedAtMs = Date.now();
    const child = spawn(file, args, {
      env: { ...process.env, ...this.#env },
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    this.#child = child;
    if (child.pid !== undefined) events.started(child.pid);
    child.once('exit', (code) => {
      if (this.#stopping) return;
      // What a killed part leaves behind (workerd) would keep its port and its storage from the next one.
      if (child.pid !== undefined) signal(-child.pid, 'SIGKILL');
      if (code === 2 || code === 3) return events.fatal(`${this.name} cannot run; see ${this.logFile}`);
      this.#delayMs =
        Date.now() - startedAtMs > STEADY_MS ? RESTART_MIN_MS : Math.min(RESTART_MAX_MS, this.#delayMs * 2);
      process.stderr.write(`${this.name} ended (${code ?? 'signal'}); starting it again\n`);
      setTimeout(() => {
        if (!this.#stopping) this.start(events);
      }, this.#delayMs);
    });
  }

  /** Ends it and what it started, by force after a deadline. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const group = -child.pid;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    signal(child.pid, 'SIGTERM');
    const force = setTimeout(() => signal(group, 'SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(force);
    signal(group, 'SIGKILL');
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already.
  }
}
