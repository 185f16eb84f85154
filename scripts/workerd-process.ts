import { readFileSync } from 'node:fs';

/** How often it is looked for, and how long it may be missing. */
const LOOK_EVERY_MS = 500;
const MAX_ABSENT_MS = 5_000;

/** The child of this process that runs workerd, or is about to; undefined: there is none. */
export function workerdPid(): number | undefined {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
  const found = children.find((pid) => commandOf(pid).includes('workerd'));
  return found === undefined ? undefined : Number(found);
}

/**
 * Ends this process when there is no workerd any more, so that whoever looks after it starts both again. Miniflare starts
 * workerd anew when it ends, but gives up when that one, or the first, ends before it is ready, and would go on without.
 */
export function endWithoutWorkerd(): void {
  let absentSinceMs: number | null = null;
  setInterval(() => {
    const nowMs = performance.now();
    if (workerdPid() !== undefined) absentSinceMs = null;
    else if (nowMs - (absentSinceMs ??= nowMs) >= MAX_ABSENT_MS) process.exit(1);
  }, LOOK_EVERY_MS).unref();
}

/** Empty for a process that has ended. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
