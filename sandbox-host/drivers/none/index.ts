import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { SandboxSpec } from '../../../protocol/messages/host.ts';
import type { ProbeResult, Sandbox, SandboxDriver, SandboxUsage, SpawnPlan } from '../driver.ts';
import type { DriverOptions } from '../index.ts';
import { markedProcesses } from './processes.ts';

/** How long killed processes may take to be gone, and how often to look. */
const STOP_TIMEOUT_MS = 5_000;
const STOP_POLL_MS = 10;
const USAGE_TIMEOUT_MS = 5_000;
/** By this variable the processes of a session are found again; whoever takes it away keeps a process running. */
const MARK = 'ALEX_SANDBOX';
const SHELL = ['/bin/bash', '-l'];

/**
 * No sandbox at all: shells are processes of whoever runs this, with a directory for each session. For machines without
 * root whose users all trust each other; it is used only when asked for by name.
 */
export class UnisolatedDriver implements SandboxDriver {
  readonly name = 'none';
  readonly #log: DriverOptions['log'];
  readonly #workspaces: string;
  /** Told apart from those of other data directories. */
  readonly #prefix: string;

  constructor({ dataDir, log }: Pick<DriverOptions, 'dataDir' | 'log'>) {
    const data = resolve(dataDir);
    this.#log = log;
    this.#workspaces = join(data, 'workspaces');
    this.#prefix = createHash('sha256').update(data).digest('hex').slice(0, 12);
  }

  probe(): Promise<ProbeResult> {
    this.#log.warn('NOT ISOLATED: every shell may do all that the user running this program may do');
    const problems = existsSync('/proc/self/environ') ? [] : ['Shells need Linux, with /proc mounted.'];
    return Promise.resolve({ ok: problems.length === 0, problems, facts: { isolation: 'none' } });
  }

  prepareAhead(): void {
    // There is nothing that takes long to make.
  }

  start(spec: SandboxSpec): Promise<Sandbox> {
    const workspace = join(this.#workspaces, spec.sessionId);
    if (existsSync(`${workspace}.ext4`))
      return Promise.reject(
        new Error('The files of this session are in an image; only the driver bubblewrap can mount it.'),
      );
    mkdirSync(workspace, { recursive: true, mode: 0o700 });
    return Promise.resolve(new UnisolatedSandbox(spec, workspace, this.#prefix));
  }

  deleteWorkspace(sessionId: string): Promise<void> {
    rmSync(join(this.#workspaces, sessionId), { recursive: true, force: true });
    return Promise.resolve();
  }

  sweep(): Promise<void> {
    return endMarked((entry) => entry.startsWith(`${MARK}=${this.#prefix}.`));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The processes of one session. */
class UnisolatedSandbox implements Sandbox {
  readonly sessionId: string;
  readonly incarnation = crypto.randomUUID();
  readonly ended: Promise<string>;
  readonly #spec: SandboxSpec;
  readonly #workspace: string;
  readonly #mark: string;
  readonly #end: (why: string) => void;

  constructor(spec: SandboxSpec, workspace: string, prefix: string) {
    this.sessionId = spec.sessionId;
    this.#spec = spec;
    this.#workspace = workspace;
    this.#mark = `${prefix}.${this.incarnation}`;
    const ended = Promise.withResolvers<string>();
    this.ended = ended.promise;
    this.#end = ended.resolve;
  }

  plan(command: string[] | null): SpawnPlan {
    const { userId, sessionId, workspaceId } = this.#spec;
    const user = userInfo().username;
    return {
      file: '/bin/sh',
      args: [
        ...['-c', 'cd -- "$1" || exit 126; shift; exec "$@"', 'sh', this.#workspace],
        ...(command ?? SHELL),
      ],
      env: {
        ...{ HOME: this.#workspace, USER: user, LOGNAME: user, SHELL: '/bin/bash', LANG: 'C.UTF-8' },
        ...{ TERM: 'xterm-256color', COLORTERM: 'truecolor' },
        PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
        ...{ USER_ID: userId, SESSION_ID: sessionId, WORKSPACE_ID: workspaceId, [MARK]: this.#mark },
      },
    };
  }

  async usage(): Promise<SandboxUsage> {
    const processes = markedProcesses((entry) => entry === `${MARK}=${this.#mark}`);
    const sum = (of: 'cpuMs' | 'memoryBytes'): number =>
      processes.reduce((total, each) => total + each[of], 0);
    return {
      cpuMs: sum('cpuMs'),
      memoryBytes: sum('memoryBytes'),
      diskBytes: await sizeOf(this.#workspace),
      processes: processes.length,
    };
  }

  async stop(): Promise<void> {
    await endMarked((entry) => entry === `${MARK}=${this.#mark}`);
    this.#end('the sandbox was stopped');
  }
}

/** Kills all processes with the mark and waits until they are gone. Rejects when that takes too long. */
async function endMarked(mark: (entry: string) => boolean): Promise<void> {
  for (const deadlineMs = Date.now() + STOP_TIMEOUT_MS; ; await delay(STOP_POLL_MS)) {
    const left = markedProcesses(mark);
    if (left.length === 0) return;
    if (Date.now() > deadlineMs) throw new Error(`${left.length} processes of the session do not end`);
    for (const { pid } of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended between the list and the signal.
      }
    }
  }
}

/** Bytes on disk under a folder; 0 when they cannot be counted in time. */
async function sizeOf(folder: string): Promise<number> {
  try {
    const { stdout } = await promisify(execFile)('du', ['-sk', folder], { timeout: USAGE_TIMEOUT_MS });
    return Number.parseInt(stdout, 10) * 1_024;
  } catch {
    return 0;
  }
}
