import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { within } from '../support/deadline.ts';
import { type Command, type Look, Report, type TerminalStatus } from './client-messages.ts';

const START_TIMEOUT_MS = 30_000;
const ASK_TIMEOUT_MS = 20_000;

/** How the clients of a process reach the edge. */
export interface ClientPlace {
  url: string;
  token: string;
  /** Of all clients; each process has a folder of its own in it. */
  directory: string;
  env: Record<string, string>;
}

/** A process of clients, seen from the runner: commands go in, what it says is kept. */
export class ClientDriver {
  readonly name: string;
  readonly directory: string;
  /** The newest status of each terminal. */
  readonly statuses = new Map<string, TerminalStatus>();
  readonly #place: ClientPlace;
  readonly #heard: (report: Report) => void;
  readonly #asked = new Map<number, (report: Report) => void>();
  #child: ChildProcess | null = null;
  #nextAsk = 1;

  /** `heard` gets everything the process says. */
  constructor(name: string, place: ClientPlace, heard: (report: Report) => void) {
    this.name = name;
    this.directory = join(place.directory, name);
    this.#place = place;
    this.#heard = heard;
    mkdirSync(this.directory, { recursive: true });
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Starts the process; resolves when it listens. */
  async start(): Promise<void> {
    const { url, token, env } = this.#place;
    const log = openSync(join(this.directory, 'client.log'), 'a');
    const child = fork(
      join(import.meta.dirname, 'client-process.ts'),
      [this.name, url, token, this.directory],
      {
        env: { ...process.env, ...env },
        stdio: ['ignore', log, log, 'ipc'],
      },
    );
    closeSync(log);
    this.#child = child;
    this.statuses.clear();
    const ready = new Promise<void>((resolve) => {
      child.on('message', (message) => {
        const report = Report.parse(message);
        if (this.#child !== child) return;
        if (report.is === 'ready') resolve();
        else if (report.is === 'done' || report.is === 'look') this.#asked.get(report.id)?.(report);
        else if (report.is === 'status') this.statuses.set(report.status.terminal, report.status);
        this.#heard(report);
      });
    });
    // A process that was killed takes no more commands; what it was told last is known to nobody.
    child.on('error', () => undefined);
    await within(ready, START_TIMEOUT_MS, `the start of client ${this.name}`);
  }

  send(command: Command): void {
    if (this.#child?.connected === true) this.#child.send(command);
  }

  /** Resolves when everything sent before was done. */
  async settled(): Promise<void> {
    await this.#ask((id) => ({ do: 'ask', id }));
  }

  /** What it shows of a terminal. */
  async look(terminal: string): Promise<Look> {
    const report = await this.#ask((id) => ({ do: 'look', terminal, id }));
    if (report.is !== 'look') throw new Error(`client ${this.name} answered ${report.is}`);
    return report.look;
  }

  /** SIGKILLs it; resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async #ask(command: (id: number) => Command): Promise<Report> {
    const id = this.#nextAsk++;
    const answered = new Promise<Report>((resolve) => this.#asked.set(id, resolve));
    this.send(command(id));
    const report = await within(answered, ASK_TIMEOUT_MS, `an answer of client ${this.name}`);
    this.#asked.delete(id);
    return report;
  }

  /** Stops the process for a while (it does not notice) and lets it go on. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }
}
