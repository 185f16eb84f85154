import { statfsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { SandboxSpec } from '../../../protocol/messages/host.ts';
import type { Sandbox, SandboxUsage, SpawnPlan } from '../driver.ts';
import type { LimitGroup } from './cgroups.ts';
import { closeNamespaces, type Holder, JOIN_GROUPS } from './holder.ts';
import { INNER_UID, mountArguments, type SandboxFolders } from './layout.ts';

/** How long killed processes may take to be gone, and how often to look. */
const STOP_TIMEOUT_MS = 5_000;
const STOP_POLL_MS = 5;
/** The login shell. */
const SHELL = ['/bin/bash', '-l'];

/** What a running sandbox is made of. */
export interface SandboxParts {
  spec: SandboxSpec;
  uid: number;
  folders: SandboxFolders;
  group: LimitGroup;
  holder: Holder;
  /** File with the seccomp filter. */
  filterFile: string;
  /** Called once when its processes are gone, to take mounts away. */
  cleanUp: () => Promise<void>;
}

/** One sandbox: a holder that keeps the namespaces, and plans for processes that join it. */
export class BubblewrapSandbox implements Sandbox {
  readonly sessionId: string;
  readonly incarnation = crypto.randomUUID();
  readonly ended: Promise<string>;
  readonly #parts: SandboxParts;
  #stopping: Promise<void> | null = null;

  constructor(parts: SandboxParts) {
    this.#parts = parts;
    this.sessionId = parts.spec.sessionId;
    this.ended = new Promise((resolve) => {
      parts.holder.process.once('exit', (code, signal) =>
        resolve(`the sandbox ended (${signal ?? code ?? 'unknown'})`),
      );
    });
  }

  /**
   * The process joins the limit groups, then the holder's net, ipc and uts namespaces, becomes the sandbox's host user,
   * and enters user and pid namespaces by a bwrap of its own: filter, no-new-privileges and dropped capabilities
   * belong to processes, not to namespaces.
   */
  plan(command: string[] | null): SpawnPlan {
    const { uid, folders, group, holder, filterFile, spec } = this.#parts;
    const handle = (descriptor: number): string => `/proc/${process.pid}/fd/${descriptor}`;
    const { ownerUser, user, pid, net, ipc, uts } = holder.namespaces;
    const script = `exec 5<"$OWNER" 6<"$INNER" 7<"$PIDS" 8<"$FILTER"; unset OWNER INNER PIDS FILTER; ${JOIN_GROUPS}`;
    const environment = {
      ...{ HOME: '/workspace', USER: 'alex', LOGNAME: 'alex', SHELL: '/bin/bash', LANG: 'C.UTF-8' },
      ...{
        TERM: 'xterm-256color',
        COLORTERM: 'truecolor',
        PATH: '/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games',
      },
      ...{ USER_ID: spec.userId, SESSION_ID: spec.sessionId, WORKSPACE_ID: spec.workspaceId },
    };
    const inner = Object.entries(environment).flatMap(([name, value]) => ['--setenv', name, value]);
    return {
      file: '/bin/sh',
      args: [
        ...[
          '-c',
          script,
          'sh',
          'nsenter',
          `--net=${handle(net)}`,
          `--ipc=${handle(ipc)}`,
          `--uts=${handle(uts)}`,
          '--',
        ],
        ...['setpriv', '--reuid', String(uid), '--regid', String(uid), '--clear-groups', 'bwrap'],
        ...[
          '--userns',
          '5',
          '--userns2',
          '6',
          '--pidns',
          '7',
          '--seccomp',
          '8',
          '--cap-drop',
          'ALL',
          '--clearenv',
        ],
        ...inner,
        ...mountArguments(folders),
        ...['--', ...(command ?? SHELL)],
      ],
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        OWNER: handle(ownerUser),
        INNER: handle(user),
        PIDS: handle(pid),
        FILTER: filterFile,
        GROUPS: group.procsFiles.join(' '),
      },
    };
  }

  usage(): Promise<SandboxUsage> {
    const { group, folders } = this.#parts;
    const disk = statfsSync(folders.workspace);
    return Promise.resolve({
      cpuMs: group.cpuMs(),
      memoryBytes: group.memoryBytes(),
      diskBytes: (disk.blocks - disk.bfree) * disk.bsize,
      processes: group.pids().length,
    });
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const { holder, group, cleanUp } = this.#parts;
    await killGroup(group);
    closeNamespaces(holder.namespaces);
    await cleanUp();
  }
}

/** Kills every process of a group and waits until it is empty, then removes it. Throws when that takes too long. */
export async function killGroup(group: LimitGroup): Promise<void> {
  const deadlineMs = Date.now() + STOP_TIMEOUT_MS;
  for (;;) {
    const pids = group.pids();
    if (pids.length === 0) break;
    if (Date.now() > deadlineMs) throw new Error(`${pids.length} processes of the sandbox do not end`);
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended between the list and the signal.
      }
    }
    // The kernel gives no event for "this group is empty" that v1 and v2 share.
    await delay(STOP_POLL_MS);
  }
  group.remove();
}

/** Also used by tests: the uid processes see inside. */
export const SANDBOX_UID = INNER_UID;
