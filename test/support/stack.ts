import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { until, within } from './deadline.ts';
import { freePort } from './ports.ts';
import { descendants, isRunning } from './processes.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
/** Last characters of the stack's log that a failed start shows. */
const LOG_TAIL_CHARS = 8_000;

/** The line `npm start -- --json` prints when it is ready. */
const Ready = z.object({ url: z.url(), signInUrl: z.url(), token: z.string().min(1) });
export type Ready = z.infer<typeof Ready>;

/** A part of the stack, by the command line of its process. */
const PARTS = {
  host: /sandbox-host\/host\/main\.ts/,
  executor: /sandbox-host\/executor\/main\.ts/,
  edge: /scripts\/edge\.ts/,
  workerd: /workerd.* serve /,
  database: /scripts\/database\/main\.ts/,
} as const;
export type Part = keyof typeof PARTS;

/** The whole system as `npm start` runs it, with a data directory of its own. */
export class Stack {
  readonly dataDirectory: string;
  readonly port: number;
  readonly #env: Record<string, string>;
  readonly #ownGroup: boolean;
  #child: ChildProcess | null = null;
  #ready: Ready | null = null;
  #log = '';

  private constructor(dataDirectory: string, port: number, env: Record<string, string>, ownGroup: boolean) {
    this.dataDirectory = dataDirectory;
    this.port = port;
    this.#env = env;
    this.#ownGroup = ownGroup;
  }

  /**
   * Starts it and waits until it says it is ready. `env` is added to its environment. `ownGroup`: a Ctrl-C at the terminal
   * is not for it.
   */
  static async start(
    env: Record<string, string> = {},
    { port, ownGroup = false }: { port?: number; ownGroup?: boolean } = {},
  ): Promise<Stack> {
    const data = mkdtempSync(join(tmpdir(), 'alex-stack-'));
    const stack = new Stack(data, port ?? (await freePort()), env, ownGroup);
    await stack.#launch();
    return stack;
  }

  get url(): string {
    return this.#current().url;
  }

  /** An access token of the local user. */
  get token(): string {
    return this.#current().token;
  }

  /** The sign-in link printed at the last start; good once. */
  get signInUrl(): string {
    return this.#current().signInUrl;
  }

  /** The last lines the stack logged, to explain a failure. */
  get log(): string {
    return this.#log;
  }

  /** The process of one part; waits until there is one. */
  async pidOf(part: Part): Promise<number> {
    return until(() => this.#find(part), READY_TIMEOUT_MS, `process of the ${part}`);
  }

  /** SIGKILLs one part and waits until it is gone. Out: the killed process. */
  async kill(part: Part): Promise<number> {
    const pid = await this.pidOf(part);
    process.kill(pid, 'SIGKILL');
    await until(() => !isRunning(pid), STOP_TIMEOUT_MS, `end of the killed ${part}`);
    return pid;
  }

  /** SIGKILLs one part and waits until the supervisor has started another. */
  async killAndWaitForNext(part: Part): Promise<void> {
    const killed = await this.kill(part);
    await until(
      () => (this.#find(part) ?? killed) !== killed,
      READY_TIMEOUT_MS,
      `another ${part} after it was killed`,
    );
  }

  /** Stops everything as Ctrl-C does and starts it again on the same data and port. */
  async restart(): Promise<void> {
    await this.#stopProcess();
    await this.#launch();
  }

  /** SIGKILLs the supervisor, so that its parts stay behind, and starts another on the same data and port. */
  async killSupervisorAndStart(): Promise<void> {
    const child = this.#child;
    if (child === null) throw new Error('The stack is not running.');
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await within(exited, STOP_TIMEOUT_MS, 'the end of the supervisor');
    await this.#launch();
  }

  /** Stops everything and deletes the data. */
  async stop(): Promise<void> {
    await this.#stopProcess();
    rmSync(this.dataDirectory, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Stops everything and leaves the data, to be looked at. */
  async stopKeeping(): Promise<void> {
    await this.#stopProcess();
  }

  async #launch(): Promise<void> {
    const args = ['scripts/start.ts', '--json', '--port', String(this.port), '--data', this.dataDirectory];
    const child = spawn(join(ROOT, 'node_modules/.bin/node'), args, {
      cwd: ROOT,
      env: { ...process.env, ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: this.#ownGroup,
    });
    this.#child = child;
    const keep = (text: string): void => {
      this.#log = (this.#log + text).slice(-LOG_TAIL_CHARS);
    };
    child.stderr.setEncoding('utf8').on('data', keep);
    const firstReady = new Promise<Ready>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const ready = Ready.safeParse(parseJson(line));
        if (ready.success) resolve(ready.data);
        else keep(`${line}\n`);
      });
      child.once('exit', (code) => reject(new Error(`npm start ended with ${code}:\n${this.#log}`)));
    });
    try {
      this.#ready = await within(firstReady, READY_TIMEOUT_MS, 'the stack to be ready');
    } catch (error) {
      await this.#stopProcess();
      throw new Error(`${String(error)}\n${this.#log}`, { cause: error });
    }
  }

  async #stopProcess(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGINT');
    try {
      await within(exited, STOP_TIMEOUT_MS, 'the stack to stop');
    } catch (error) {
      // A stack that does not stop must fail its test, and must not stay behind.
      for (const { pid } of descendants(child.pid ?? -1).reverse()) killQuietly(pid);
      child.kill('SIGKILL');
      throw error;
    }
  }

  #find(part: Part): number | null {
    const root = this.#child?.pid;
    if (root === undefined) return null;
    // npx-style launchers share the command line of what they launch: the last one is the program itself.
    return descendants(root).findLast((candidate) => PARTS[part].test(candidate.commandLine))?.pid ?? null;
  }

  #current(): Ready {
    if (this.#ready === null) throw new Error('The stack is not running.');
    return this.#ready;
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended in the meantime.
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
