import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SandboxSpec } from '../../../protocol/messages/host.ts';
import type { Sandbox, SandboxDriver } from '../driver.ts';
import type { DriverOptions } from '../index.ts';
import { createLimitGroup, listLimitGroups, openLimitGroup } from './cgroups.ts';
import { deleteWorkspaceFiles, type FolderRoots, mountFolders, unmountFolders } from './folders.ts';
import { startHolder } from './holder.ts';
import { UidTable } from './identity.ts';
import { probeMachine } from './probe.ts';
import { BubblewrapSandbox, killGroup } from './sandbox.ts';
import { seccompFilter } from './seccomp.ts';

/** Sandboxes on this Linux machine, made of namespaces by bubblewrap, cgroups and a system call filter. */
export function createBubblewrapDriver({ dataDir, log }: DriverOptions): SandboxDriver {
  const data = resolve(dataDir);
  // Names of cgroups and mount points are the machine's; two data directories must not meet in them.
  const prefix = createHash('sha256').update(data).digest('hex').slice(0, 12);
  const roots: FolderRoots = {
    workspaces: join(data, 'workspaces'),
    runtime: join('/run/alex-edge', prefix),
  };
  const uids = new UidTable(join(data, 'sandbox-uids.json'));
  const groupName = (sessionId: string): string => `${prefix}.${sessionId}`;

  return {
    name: 'bubblewrap',
    probe: () => Promise.resolve(probeMachine()),

    async start(spec: SandboxSpec): Promise<Sandbox> {
      const uid = uids.get(spec.sessionId);
      mkdirSync(roots.runtime, { recursive: true, mode: 0o755 });
      const filterFile = join(roots.runtime, 'seccomp.bpf');
      writeFileSync(filterFile, seccompFilter(), { mode: 0o644 });
      const group = createLimitGroup(groupName(spec.sessionId), spec.limits);
      const folders = await mountFolders(roots, spec.sessionId, uid, spec.limits.diskBytes);
      const cleanUp = (): Promise<void> => unmountFolders(roots, spec.sessionId);
      try {
        const holder = await startHolder({ uid, folders, procsFiles: group.procsFiles });
        return new BubblewrapSandbox({ spec, uid, folders, group, holder, filterFile, cleanUp });
      } catch (error) {
        await killGroup(group);
        await cleanUp();
        throw error;
      }
    },

    async deleteWorkspace(sessionId: string): Promise<void> {
      await unmountFolders(roots, sessionId);
      deleteWorkspaceFiles(roots, sessionId);
      uids.release(sessionId);
    },

    async sweep(): Promise<void> {
      for (const name of listLimitGroups().filter((group) => group.startsWith(`${prefix}.`))) {
        const sessionId = name.slice(prefix.length + 1);
        log.warn({ session: sessionId }, 'removing a sandbox that an earlier executor left');
        await killGroup(openLimitGroup(name));
        await unmountFolders(roots, sessionId);
      }
    },
  };
}
