import type { SandboxSpec } from '../../protocol/messages/host.ts';

/** What a driver found out about this machine. `ok` false: it must not be used; `problems` say what to do. */
export interface ProbeResult {
  ok: boolean;
  problems: string[];
  /** Facts for the log and `npm start`, e.g. `{ cgroups: 'v1', seccomp: 'filter' }`. */
  facts: Record<string, string>;
}

/** A command line ready for `pty.spawn(file, args, { env })`: it places itself in the sandbox, then execs. */
export interface SpawnPlan {
  file: string;
  args: string[];
  /** Complete environment of the launcher; nothing else is inherited. */
  env: Record<string, string>;
}

/** What a sandbox uses now. */
export interface SandboxUsage {
  cpuMs: number;
  memoryBytes: number;
  diskBytes: number;
  processes: number;
}

/** One running sandbox. */
export interface Sandbox {
  readonly sessionId: string;
  /** Unique to this start of its processes. */
  readonly incarnation: string;
  /** Plan for a process inside. `command` null: the login shell. */
  plan(command: string[] | null): SpawnPlan;
  usage(): Promise<SandboxUsage>;
  /** Settles when the sandbox's holder has died, with why. */
  readonly ended: Promise<string>;
  /** Kills every process inside, waits until they are gone (bounded), keeps the workspace. Idempotent. */
  stop(): Promise<void>;
}

/** How sandboxes come to be. */
export interface SandboxDriver {
  readonly name: string;
  probe(): Promise<ProbeResult>;
  /** From now on a few sandboxes may be made ahead, in the background. */
  prepareAhead(): void;
  /** Starts a sandbox; its workspace is created or found again. Throws with a sentence for a person. */
  start(spec: SandboxSpec): Promise<Sandbox>;
  /** Deletes a stopped sandbox's workspace for good. */
  deleteWorkspace(sessionId: string): Promise<void>;
  /** Cleans up after an executor that was killed: processes, mounts, cgroups of sandboxes nobody owns. */
  sweep(): Promise<void>;
  /** Ends what was made ahead and takes away what sandboxes were made from; they are all stopped. */
  close(): Promise<void>;
}
