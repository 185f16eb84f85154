import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second and bytes per page of /proc, the same on every Linux that Node runs on. */
const TICKS_PER_S = 100;
const PAGE_BYTES = 4_096;

/** One process that carries a mark in its environment. */
export interface MarkedProcess {
  pid: number;
  cpuMs: number;
  memoryBytes: number;
}

/** Processes of this user that were started with this line in their environment, and all they started since. */
export function markedProcesses(line: (entry: string) => boolean): MarkedProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').some(line)) return [];
        // After the name, which is in parentheses and may hold anything: state is field 3.
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const field = (number: number): number => Number(fields[number - 3] ?? 0);
        return [
          {
            pid: Number(pid),
            cpuMs: ((field(14) + field(15)) * 1_000) / TICKS_PER_S,
            memoryBytes: field(24) * PAGE_BYTES,
          },
        ];
      } catch {
        // Somebody else's, or it ended.
        return [];
      }
    });
}
