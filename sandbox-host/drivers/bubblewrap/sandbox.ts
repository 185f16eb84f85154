import { statfsSync } from 'node:fs';
import type { SandboxSpec } from '../../../protocol/messages/host.ts';
import type { Sandbox, SandboxUsage, SpawnPlan } from '../driver.ts';
import type { Body } from './body.ts';
import { entryPlan } from './entry.ts';
import { holderEnd } from './holder.ts';

/** The login shell. */
const SHELL = ['/bin/bash', '-l'];

/** One sandbox: a body that is somebody's, and plans for processes that join it. */
export class BubblewrapSandbox implements Sandbox {
  readonly sessionId: string;
  readonly incarnation = crypto.randomUUID();
  readonly ended: Promise<string>;
  readonly #spec: SandboxSpec;
  readonly #body: Body;
  readonly #end: () => Promise<void>;
  #stopping: Promise<void> | null = null;

  /** `end` kills everything in it; called at most once. */
  constructor(spec: SandboxSpec, body: Body, end: () => Promise<void>) {
    this.#spec = spec;
    this.#body = body;
    this.#end = end;
    this.sessionId = spec.sessionId;
    this.ended = holderEnd(body.holder);
  }

  plan(command: string[] | null): SpawnPlan {
    const { uid, group, holder, filterFile } = this.#body;
    const { userId, sessionId, workspaceId } = this.#spec;
    return entryPlan({
      uid,
      namespaces: holder.namespaces,
      procsFiles: group.procsFiles,
      filterFile,
      command: command ?? SHELL,
      environment: {
        ...{ HOME: '/workspace', USER: 'alex', LOGNAME: 'alex', SHELL: '/bin/bash', LANG: 'C.UTF-8' },
        ...{ TERM: 'xterm-256color', COLORTERM: 'truecolor' },
        PATH: '/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games',
        ...{ USER_ID: userId, SESSION_ID: sessionId, WORKSPACE_ID: workspaceId },
      },
    });
  }

  usage(): Promise<SandboxUsage> {
    const { group, holder } = this.#body;
    return Promise.resolve({
      cpuMs: group.cpuMs(),
      memoryBytes: group.memoryBytes(),
      diskBytes: usedBytes(`/proc/${holder.initPid}/root/workspace`),
      processes: group.pids().length,
    });
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }
}

/** Used bytes of the file system at a path; 0 when it is gone. */
function usedBytes(path: string): number {
  try {
    const disk = statfsSync(path);
    return (disk.blocks - disk.bfree) * disk.bsize;
  } catch {
    return 0;
  }
}
