import { join } from 'node:path';
import type { SpawnPlan } from '../driver.ts';
import type { NamespaceHandles } from './holder.ts';
import { requiredCall, type SystemCall } from './syscalls.ts';

/** Calls that ./enter.pl makes; perl knows them by number only. */
const CALLS = [
  ...['setns', 'unshare', 'open_tree', 'move_mount', 'setgroups', 'setresgid', 'setresuid', 'prctl'],
  ...['capset', 'close_range'],
] as SystemCall[];
const PERL = '/usr/bin/perl';
const SCRIPT = join(import.meta.dirname, 'enter.pl');

/** What a process takes on to be in a sandbox. */
export interface Entry {
  /** Host uid and gid. */
  uid: number;
  namespaces: NamespaceHandles;
  /** `cgroup.procs` files of its limits. */
  procsFiles: string[];
  /** File with the system call filter. */
  filterFile: string;
  command: string[];
  /** Complete environment of the command. */
  environment: Record<string, string>;
}

/** The command line that starts a command in a sandbox. Valid as long as this process lives. */
export function entryPlan(entry: Entry): SpawnPlan {
  const { uid, namespaces, procsFiles, filterFile, command, environment } = entry;
  return {
    file: PERL,
    args: [
      SCRIPT,
      `uid=${uid}`,
      `filter=${filterFile}`,
      `groups=${procsFiles.join(',')}`,
      ...Object.entries(namespaces).map(([kind, handle]) => `ns.${kind}=/proc/${process.pid}/fd/${handle}`),
      ...CALLS.map((call) => `call.${call}=${requiredCall(call)}`),
      '--',
      ...command,
    ],
    env: environment,
  };
}
