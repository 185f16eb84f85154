import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
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

/**
 * The size of the terminal that a session's program has, as the program sees it: `COLSxROWS`. The program is the one with
 * `argument` as its last argument. Null when there is none.
 */
export async function sizeInside(session: string, argument: string): Promise<string | null> {
  for (const { pid, commandLine } of descendants(process.pid).reverse()) {
    if (!commandLine.endsWith(` sh ${argument}`)) continue;
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`SESSION_ID=${session}`))
        continue;
      const { stdout } = await promisify(execFile)('stty', ['-F', `/proc/${pid}/fd/0`, 'size']);
      const [rows, cols] = stdout.trim().split(' ');
      return `${cols}x${rows}`;
    } catch {
      // It is on its way into the sandbox, or ended meanwhile.
    }
  }
  return null;
}
