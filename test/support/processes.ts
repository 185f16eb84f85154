import { readdirSync, readFileSync } from 'node:fs';

/** A running process as /proc shows it. */
export interface RunningProcess {
  pid: number;
  parent: number;
  commandLine: string;
}

/** Every process that descends from `root`, parents before children. Reads /proc (Linux). */
export function descendants(root: number): RunningProcess[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((found) => found !== null);
  const found: RunningProcess[] = [];
  let generation = new Set([root]);
  while (generation.size > 0) {
    const children = all.filter((candidate) => generation.has(candidate.parent));
    found.push(...children);
    generation = new Set(children.map((child) => child.pid));
  }
  return found;
}

/** Whether a process runs (a zombie does not). */
export function isRunning(pid: number): boolean {
  return readProcess(pid) !== null;
}

function readProcess(pid: number): RunningProcess | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold anything; the state and the parent follow the last bracket.
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return null;
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { pid, parent: Number(parent), commandLine };
  } catch {
    return null;
  }
}
