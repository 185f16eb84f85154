import { execFile } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { OWN_ETC, type SandboxFolders } from './layout.ts';
import { canLimitDisk } from './probe.ts';

const execute = promisify(execFile);
const MOUNT_TIMEOUT_MS = 10_000;
/** Size of each of /tmp and /dev/shm; what is in them counts as the sandbox's memory as well. */
const TMPFS_BYTES = 256 * 1024 * 1024;

/** Where workspaces are kept for good, and where a running sandbox's folders are mounted. */
export interface FolderRoots {
  /** `<data>/workspaces` */
  workspaces: string;
  /** A directory under /run that every uid can pass through, unlike a data directory in somebody's home. */
  runtime: string;
}

/** Mounts a sandbox's folders for its uid. The workspace is created on first use, limited to `diskBytes` where it can be. */
export async function mountFolders(
  roots: FolderRoots,
  sessionId: string,
  uid: number,
  diskBytes: number,
): Promise<SandboxFolders> {
  const base = join(roots.runtime, sessionId);
  await unmountFolders(roots, sessionId);
  const folders = {
    workspace: join(base, 'workspace'),
    tmp: join(base, 'tmp'),
    shm: join(base, 'shm'),
    etc: join(base, 'etc'),
  };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true, mode: 0o755 });
  for (const [name, text] of Object.entries(OWN_ETC))
    writeFileSync(join(folders.etc, name), text, { mode: 0o644 });
  const options = `size=${TMPFS_BYTES},mode=1777,nosuid,nodev`;
  await Promise.all([
    mount('-t', 'tmpfs', '-o', options, 'tmpfs', folders.tmp),
    mount('-t', 'tmpfs', '-o', options, 'tmpfs', folders.shm),
    mountWorkspace(roots, sessionId, folders.workspace, diskBytes),
  ]);
  chownSync(folders.workspace, uid, uid);
  chmodSync(folders.workspace, 0o750);
  return folders;
}

/** Takes the mounts of a sandbox away. Nothing to do is fine. */
export async function unmountFolders(roots: FolderRoots, sessionId: string): Promise<void> {
  const base = join(roots.runtime, sessionId);
  if (!existsSync(base)) return;
  for (const name of ['workspace', 'tmp', 'shm']) {
    // Not mounted is what we want.
    await execute('umount', ['-l', join(base, name)], { timeout: MOUNT_TIMEOUT_MS }).catch(() => undefined);
  }
  rmSync(join(base, 'etc'), { recursive: true, force: true });
  for (const name of ['workspace', 'tmp', 'shm', '']) {
    // rmdir, not rm: should a mount still be there, its files must not be touched.
    if (existsSync(join(base, name))) rmdirSync(join(base, name));
  }
}

/** Deletes a workspace for good. */
export function deleteWorkspaceFiles(roots: FolderRoots, sessionId: string): void {
  rmSync(join(roots.workspaces, sessionId), { recursive: true, force: true });
  rmSync(join(roots.workspaces, `${sessionId}.ext4`), { force: true });
}

async function mountWorkspace(
  roots: FolderRoots,
  sessionId: string,
  target: string,
  diskBytes: number,
): Promise<void> {
  mkdirSync(roots.workspaces, { recursive: true, mode: 0o700 });
  const folder = join(roots.workspaces, sessionId);
  const image = `${folder}.ext4`;
  if (existsSync(folder) || !(canLimitDisk() || existsSync(image))) {
    mkdirSync(folder, { recursive: true });
    await mount('--bind', folder, target);
    return;
  }
  if (!existsSync(image)) {
    // Made beside its name and renamed by mkfs's success, so that a crash leaves no half-made workspace.
    await execute(
      'sh',
      [
        '-c',
        'truncate -s "$2" "$1.new" && mkfs.ext4 -q -m 0 -O ^has_journal -E lazy_itable_init=1,root_owner=0:0 "$1.new" && mv "$1.new" "$1"',
        'sh',
        image,
        String(diskBytes),
      ],
      { timeout: MOUNT_TIMEOUT_MS, env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` } },
    );
  }
  await mount('-o', 'loop,nosuid,nodev', image, target);
  rmSync(join(target, 'lost+found'), { recursive: true, force: true });
}

async function mount(...args: string[]): Promise<void> {
  await execute('mount', args, { timeout: MOUNT_TIMEOUT_MS });
}
