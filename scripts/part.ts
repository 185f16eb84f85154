import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const RESTART_MIN_MS = 250;
const RESTART_MAX_MS = 8_000;
/** A part that ran this long starts again at once when it dies. */
const STEADY_MS = 10_000;
const STOP_TIMEOUT_MS = 8_000;
/** How often an adopted process is looked at: the system tells only parents that a process ended. */
const WATCH_MS = 500;

/** What a part tells its owner. */
export interface PartEvents {
  /** It was started, as the leader of a process group. */
  started(pid: number): void;
  /** It ended by itself with code 2 or 3: starting again would not help. */
  fatal(detail: string): void;
}

/** A process of a part; `ended` has its exit code, null for a signal or when nobody can know. */
interface Running {
  pid: number;
  ended: Promise<number | null>;
}

/** One process of the stack, started again when it dies. */
export class Part {
  readonly name: string;
  readonly #command: string[];
  readonly #env: Record<string, string>;
  readonly logFile: string;
  #running: Running | null = null;
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
    const child = spawn(file, args, {
      env: { ...process.env, ...this.#env },
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    if (child.pid === undefined) return events.fatal(`${this.name} could not be started: ${file}`);
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    this.#watch({ pid: child.pid, ended }, events);
  }

  /** Takes up a process that a supervisor before this one started. */
  adopt(pid: number, events: PartEvents): void {
    this.#watch({ pid, ended: gone(pid).then(() => null) }, events);
  }

  /** Ends it and what it started, by force after a deadline. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#running === null) return;
    const { pid, ended } = this.#running;
    signal(pid, 'SIGTERM');
    const force = setTimeout(() => signal(-pid, 'SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(force);
    signal(-pid, 'SIGKILL');
  }

  #watch(running: Running, events: PartEvents): void {
    this.#running = running;
    events.started(running.pid);
    const startedAtMs = Date.now();
    void running.ended.then((code) => {
      this.#running = null;
      if (this.#stopping) return;
      // What a killed part leaves behind (workerd) would keep its port and its storage from the next one.
      signal(-running.pid, 'SIGKILL');
      if (code === 2 || code === 3) return events.fatal(`${this.name} cannot run; see ${this.logFile}`);
      const steady = Date.now() - startedAtMs > STEADY_MS;
      this.#delayMs = steady ? RESTART_MIN_MS : Math.min(RESTART_MAX_MS, this.#delayMs * 2);
      process.stderr.write(`${this.name} ended (${code ?? 'signal'}); starting it again\n`);
      setTimeout(() => {
        if (!this.#stopping) this.start(events);
      }, this.#delayMs);
    });
  }
}

async function gone(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}`)) await delay(WATCH_MS);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already.
  }
}
