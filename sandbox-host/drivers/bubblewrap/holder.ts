import { type ChildProcess, spawn } from 'node:child_process';
import { on } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { HOSTNAME, INNER_UID, mountArguments, type SandboxFolders } from './layout.ts';

const START_TIMEOUT_MS = 10_000;
/** Longest first line of a helper. */
const MAX_LINE_CHARS = 4_096;
const Status = z.object({ 'child-pid': z.int().positive() });

/** Joins the limit groups named in $GROUPS, then becomes the rest of its arguments. */
export const JOIN_GROUPS = 'for g in $GROUPS; do echo $$ > "$g" || exit 125; done; unset GROUPS; exec "$@"';

/** Open namespaces of a running holder, as descriptors of this process. They stay valid whatever becomes of pids. */
export interface NamespaceHandles {
  /** The user namespace that owns the others, and the one processes run in. */
  ownerUser: number;
  user: number;
  pid: number;
  net: number;
  ipc: number;
  uts: number;
}

export interface Holder {
  process: ChildProcess;
  /** Host pid of the sandbox's process 1; its death ends every process inside. */
  initPid: number;
  namespaces: NamespaceHandles;
}

/** Starts the process that keeps a sandbox's namespaces. Rejects, with what bwrap said, when it does not come up. */
export async function startHolder(input: {
  uid: number;
  folders: SandboxFolders;
  procsFiles: string[];
}): Promise<Holder> {
  const child = spawn(
    'sh',
    [
      ...[
        '-c',
        JOIN_GROUPS,
        'sh',
        'setpriv',
        '--reuid',
        String(input.uid),
        '--regid',
        String(input.uid),
        '--clear-groups',
      ],
      ...['bwrap', '--unshare-user', '--unshare-pid', '--unshare-net', '--unshare-ipc', '--unshare-uts'],
      ...['--unshare-cgroup', '--disable-userns', '--uid', String(INNER_UID), '--gid', String(INNER_UID)],
      ...[
        '--hostname',
        HOSTNAME,
        '--cap-drop',
        'ALL',
        '--json-status-fd',
        '3',
        ...mountArguments(input.folders),
      ],
      ...['--', 'sh', '-c', 'echo ready; exec sleep infinity'],
    ],
    {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        GROUPS: input.procsFiles.join(' '),
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
    const namespaces = await openNamespaces(initPid);
    for (const stream of [stdout, stderr, status]) (stream as Readable | null)?.destroy();
    child.unref();
    return { process: child, initPid, namespaces };
  } catch (error) {
    child.kill('SIGKILL');
    const detail = said.trim() || (error instanceof Error ? error.message : String(error));
    throw new Error(`The sandbox did not start: ${detail}`, { cause: error });
  }
}

/** Gives the descriptors back. */
export function closeNamespaces(handles: NamespaceHandles): void {
  for (const descriptor of Object.values(handles)) closeSync(descriptor);
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

async function openNamespaces(pid: number): Promise<NamespaceHandles> {
  const open = (name: string): number => openSync(`/proc/${pid}/ns/${name}`, 'r');
  return {
    ownerUser: await openOwner(pid),
    user: open('user'),
    pid: open('pid'),
    net: open('net'),
    ipc: open('ipc'),
    uts: open('uts'),
  };
}

/**
 * bwrap nests two user namespaces and nobody lives in the outer one, which owns the rest, so it has no path.
 * ioctl NS_GET_USERNS (0xb701, ioctl_ns(2)) hands out a descriptor of it; Node has no ioctl, perl does.
 */
async function openOwner(pid: number): Promise<number> {
  const script =
    'open(my $n,"<",$ARGV[0]) or die $!; my $f=ioctl($n,0xb701,0) or die $!; $|=1; print $f+0,"\\n"; <STDIN>;';
  const helper = spawn('perl', ['-e', script, `/proc/${pid}/ns/pid`], { stdio: ['pipe', 'pipe', 'ignore'] });
  try {
    const line = await firstLine(helper.stdout, AbortSignal.timeout(START_TIMEOUT_MS));
    return openSync(`/proc/${helper.pid ?? 0}/fd/${z.coerce.number().int().parse(line.trim())}`, 'r');
  } finally {
    helper.kill('SIGKILL');
  }
}
