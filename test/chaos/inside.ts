import { existsSync, readFileSync, statSync } from 'node:fs';
import { descendants } from '../support/processes.ts';

/**
 * The root directory of a session's running sandbox, as this machine sees it through a process in there; null when there
 * is none. Good as long as that process lives.
 */
export function sandboxRoot(session: string): string | null {
  const ours = statSync('/');
  for (const { pid } of descendants(process.pid).reverse()) {
    const root = `/proc/${pid}/root`;
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`SESSION_ID=${session}`))
        continue;
      const theirs = statSync(`${root}/`);
      const inside = theirs.dev !== ours.dev || theirs.ino !== ours.ino;
      if (inside && existsSync(`${root}/workspace`)) return root;
    } catch {
      // It ended meanwhile.
    }
  }
  return null;
}
