import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OWN_ETC, type SandboxFolders } from './layout.ts';
import { seccompFilter } from './seccomp.ts';

/** What all sandboxes of one data directory are made from. */
export interface Runtime {
  folders: SandboxFolders;
  /** File with the system call filter. */
  filterFile: string;
}

/**
 * Writes it where it is not there yet. `root` is a directory under /run that every uid can pass through, unlike a data
 * directory in somebody's home.
 */
export function prepareRuntime(root: string): Runtime {
  const runtime = {
    folders: { workspace: join(root, 'workspace'), etc: join(root, 'etc') },
    filterFile: join(root, 'seccomp.bpf'),
  };
  if (existsSync(runtime.filterFile)) return runtime;
  for (const folder of Object.values(runtime.folders)) mkdirSync(folder, { recursive: true, mode: 0o755 });
  for (const [name, text] of Object.entries(OWN_ETC))
    writeFileSync(join(runtime.folders.etc, name), text, { mode: 0o644 });
  // Last: it says that the rest is there.
  writeFileSync(runtime.filterFile, seccompFilter(), { mode: 0o644 });
  return runtime;
}

/** Takes it away; it is written anew when it is needed, by this version or the next. */
export function removeRuntime(root: string): void {
  rmSync(root, { recursive: true, force: true });
}
