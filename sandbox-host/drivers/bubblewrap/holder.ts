import { type ChildProcess, spawn } from 'node:child_process';
import { on } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { HOSTNAME, INNER_UID, mountArguments, type SandboxFolders } from './layout.ts';
import { unfinished, type Workspace } from './workspaces.ts';

const START_TIMEOUT_MS = 10_000;
/** Longest first line of a helper. */
const MAX_LINE_CHARS = 4_096;
const Status = z.object({ 'child-pid': z.int().positive() });

/**
 * Runs in mounts of its own, which end with the sandbox's last process: nothing is left to unmount, whatever dies.
 * Makes a fresh workspace if it has to, mounts it, joins the limit groups and becomes the rest of its arguments.
 */
const SET_UP = `set -e
umask 022
if [ -n "$IMAGE_BYTES" ]; then
  truncate -s "$IMAGE_BYTES" "$UNFINISHED"
  mkfs.ext4 -q -m 0 -O ^has_journal -E "lazy_itable_init=1,root_owner=$OWNER:$OWNER" "$UNFINISHED"
  mv "$UNFINISHED" "$WORKSPACE"
fi
mount -o "$MOUNT_OPTIONS" "$WORKSPACE" "$MOUNT_POINT"
if [ -n "$IMAGE_BYTES" ]; then rmdir "$MOUNT_POINT/lost+found"; fi
for group in $LIMIT_GROUPS; do echo $$ > "$group"; done
exec "$@"`;

/** Open namespaces of a running holder, as descriptors of this process. They stay valid whatever becomes of pids. */
export type NamespaceHandles = Record<(typeof NAMESPACES)[number], number>;
const NAMESPACES = ['user', 'pid', 'mnt', 'net', 'ipc', 'uts', 'cgroup'] as const;

export interface Holder {
  process: ChildProcess;
  /** Host pid of the sandbox's process 1; its death ends every process inside. */
  initPid: number;
  namespaces: NamespaceHandles;
}

/** What a holder is made of. */
export interface HolderInput {
  uid: number;
  folders: SandboxFolders;
  procsFiles: string[];
  workspace: Workspace;
  /** Size of the file system to make in the workspace's image; null: it is there. */
  imageBytes: number | null;
  /** Lower priority while it is made, for those that nobody waits for. */
  niceness: number;
}

/** Starts the process that keeps a sandbox's namespaces. Rejects, with what was said, when it does not come up. */
export async function startHolder(input: HolderInput): Promise<Holder> {
  const { uid, workspace } = input;
  const owner = String(uid);
  const child = spawn(
    'nice',
    [
      ...['-n', String(input.niceness), 'unshare', '--mount', 'sh', '-c', SET_UP, 'sh'],
      ...['setpriv', '--reuid', owner, '--regid', owner, '--clear-groups', 'bwrap', '--unshare-user'],
      ...['--unshare-pid', '--unshare-net', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup'],
      ...['--disable-userns', '--uid', String(INNER_UID), '--gid', String(INNER_UID)],
      ...['--hostname', HOSTNAME, '--cap-drop', 'ALL', '--json-status-fd', '3'],
      ...mountArguments(input.folders),
      ...['--', 'sh', '-c', 'echo ready; exec sleep infinity'],
    ],
    {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        OWNER: owner,
        WORKSPACE: workspace.path,
        UNFINISHED: unfinished(workspace.path),
        IMAGE_BYTES: input.imageBytes === null ? '' : String(input.imageBytes),
        MOUNT_OPTIONS: workspace.kind === 'image' ? 'loop,nosuid,nodev' : 'bind',
        MOUNT_POINT: input.folders.workspace,
        LIMIT_GROUPS: input.procsFiles.join(' '),
      },
    },
  );
  const [, stdout, stderr, status] = child.stdio;
  let said = '';
  stderr?.on('data', (chunk: Buffer) => {
    if (said.length < 2_000) said += chunk.toString();
  });
  try {
    const deadline = AbortSignal.timeout(START_TIMEOUT_MS);
    const [line] = await Promise.all([firstLine(status, deadline), firstLine(stdout, deadline)]);
    const initPid = Status.parse(JSON.parse(line))['child-pid'];
    const namespaces = openNamespaces(initPid);
    for (const stream of [stdout, stderr, status]) (stream as Readable | null)?.destroy();
    child.unref();
    return { process: child, initPid, namespaces };
  } catch (error) {
    killWithChildren(child);
    const detail = said.trim() || (error instanceof Error ? error.message : String(error));
    throw new Error(`The sandbox did not start: ${detail}`, { cause: error });
  }
}

/** Gives the descriptors back; what was mounted for the sandbox can end now. */
export function closeNamespaces(handles: NamespaceHandles): void {
  for (const descriptor of Object.values(handles)) closeSync(descriptor);
}

/** Settles when a holder has died, with why. */
export function holderEnd({ process: child }: Holder): Promise<string> {
  const why = (code: number | null, signal: string | null): string =>
    `the sandbox ended (${signal ?? code ?? 'unknown'})`;
  if (child.exitCode !== null || child.signalCode !== null)
    return Promise.resolve(why(child.exitCode, child.signalCode));
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve(why(code, signal))));
}

function killWithChildren(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended already.
  }
}

/** First line of a stream, without its end, however the reads cut it. Rejects when the stream ends before. */
async function firstLine(stream: unknown, signal: AbortSignal): Promise<string> {
  const readable = stream as Readable;
  let text = '';
  for await (const [chunk] of on(readable, 'data', { signal, close: ['end', 'close'] })) {
    text += String(chunk);
    const end = text.indexOf('\n');
    if (end !== -1) return text.slice(0, end);
    if (text.length > MAX_LINE_CHARS) break;
  }
  throw new Error('it ended at once');
}

function openNamespaces(pid: number): NamespaceHandles {
  const entries = NAMESPACES.map((kind) => [kind, openSync(`/proc/${pid}/ns/${kind}`, 'r')] as const);
  return Object.fromEntries(entries) as NamespaceHandles;
}
