import { setTimeout as delay } from 'node:timers/promises';
import type { LimitGroup } from './cgroups.ts';

/** How long killed processes may take to be gone, and how often to look. */
const STOP_TIMEOUT_MS = 5_000;
const STOP_POLL_MS = 5;

/** Kills every process of a group and waits until it is empty, then removes it. Throws when that takes too long. */
export async function killGroup(group: LimitGroup): Promise<void> {
  const deadlineMs = performance.now() + STOP_TIMEOUT_MS;
  for (;;) {
    const pids = group.pids();
    if (pids.length === 0 && isRemoved(group)) return;
    if (performance.now() > deadlineMs) throw new Error(`${pids.length} processes of the sandbox do not end`);
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended between the list and the signal.
      }
    }
    // The kernel gives no event for "this group is empty" that v1 and v2 share.
    await delay(STOP_POLL_MS);
  }
}

/** Removes a group. False: the kernel has not done with the last of its processes yet, though none is listed any more. */
function isRemoved(group: LimitGroup): boolean {
  try {
    group.remove();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EBUSY') return false;
    throw error;
  }
}
