import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { canLimitDisk } from './probe.ts';

/** How long the kernel may take to let go of an unmounted image, and how often to look. */
const RELEASE_TIMEOUT_MS = 5_000;
const RELEASE_POLL_MS = 2;
/** Session ids have no dot: what begins so belongs to nobody yet. */
const SPARE = '.spare-';

/** Where the files of one workspace are. */
export interface Workspace {
  /** `image`: an ext4 file system of limited size in a file; `folder`: a directory, where images cannot be mounted. */
  kind: 'image' | 'folder';
  path: string;
}

/** The workspaces of one data directory, by session, and spare ones that no session has yet. */
export class Workspaces {
  readonly #root: string;

  /** `root`: `<data>/workspaces`. */
  constructor(root: string) {
    this.#root = root;
  }

  /** A session's workspace; null when it has none. */
  find(sessionId: string): Workspace | null {
    const path = join(this.#root, sessionId);
    if (existsSync(path)) return { kind: 'folder', path };
    return existsSync(`${path}.ext4`) ? { kind: 'image', path: `${path}.ext4` } : null;
  }

  /** Where a session's first workspace goes; whoever starts its sandbox makes it there. */
  fresh(sessionId: string): Workspace {
    mkdirSync(this.#root, { recursive: true, mode: 0o700 });
    const path = join(this.#root, sessionId);
    return canLimitDisk() ? { kind: 'image', path: `${path}.ext4` } : { kind: 'folder', path };
  }

  /** As {@link fresh}, for nobody yet. */
  spare(name: string): Workspace {
    return this.fresh(SPARE + name);
  }

  /**
   * Gives a spare workspace to a session, mounted or not. One rename: after a crash it is either the session's or
   * nobody's. A file system that keeps renames and writes in order keeps it for good before anything written into it.
   */
  give(spare: Workspace, sessionId: string): Workspace {
    const given = this.fresh(sessionId).path.replace(/(\.ext4)?$/, spare.kind === 'image' ? '.ext4' : '');
    renameSync(spare.path, given);
    return { ...spare, path: given };
  }

  /** Deletes a workspace for good; nothing to do is fine. */
  delete({ path }: Workspace): void {
    rmSync(path, { recursive: true, force: true });
    rmSync(unfinished(path), { force: true });
  }

  /** Deletes what an earlier executor made ahead or left half-made. */
  sweep(): void {
    if (!existsSync(this.#root)) return;
    for (const name of readdirSync(this.#root)) {
      if (name.startsWith(SPARE) || name.endsWith(UNFINISHED))
        rmSync(join(this.#root, name), { recursive: true, force: true });
    }
  }
}

const UNFINISHED = '.new';

/** Where an image is made before it gets its name, so that a crash leaves no half-made workspace. */
export function unfinished(path: string): string {
  return path + UNFINISHED;
}

/**
 * Waits until no loop device has the image any more: mounts of a sandbox end with its last process, their devices a
 * moment later, and an image must never be mounted twice. Rejects when it takes too long.
 */
export async function imageIsFree({ path }: Workspace): Promise<void> {
  const deadlineMs = Date.now() + RELEASE_TIMEOUT_MS;
  while (loopFiles().includes(path)) {
    if (Date.now() > deadlineMs) throw new Error('The workspace is still in use by an earlier sandbox.');
    // The kernel gives no event for it.
    await delay(RELEASE_POLL_MS);
  }
}

/** The files behind all loop devices in use. */
function loopFiles(): string[] {
  return readdirSync('/sys/block')
    .filter((name) => name.startsWith('loop'))
    .map((name) => {
      try {
        return readFileSync(`/sys/block/${name}/loop/backing_file`, 'utf8').trim();
      } catch {
        // Not in use.
        return '';
      }
    });
}
