import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** A process that a number alone does not name: the system gives numbers out again. */
const ProcessName = z.object({
  pid: z.int().positive(),
  /** When it started, in clock ticks since boot (field 22 of /proc/PID/stat). */
  startTicks: z.string(),
});
type ProcessName = z.infer<typeof ProcessName>;

const InstanceFile = z.object({ supervisor: ProcessName, parts: z.array(ProcessName) });

/**
 * Who runs on a data directory: one supervisor at a time, and the parts it started. A supervisor that was killed leaves
 * its parts behind; the next one ends them before it starts its own.
 */
export class Instance {
  readonly #file: string;
  readonly #parts = new Map<string, ProcessName>();

  private constructor(file: string) {
    this.#file = file;
  }

  /** Takes the directory. Out: the instance, or the process id of the supervisor that has it. */
  static claim(dataDirectory: string): Instance | { takenBy: number } {
    const file = join(dataDirectory, 'instance.json');
    const before = read(file);
    if (before !== null && isAlive(before.supervisor)) return { takenBy: before.supervisor.pid };
    for (const part of before?.parts ?? []) if (isAlive(part)) killGroup(part.pid);
    const instance = new Instance(file);
    instance.#write();
    return instance;
  }

  /** A part was started, in a process group of its own. */
  started(name: string, pid: number): void {
    const startTicks = startTicksOf(pid);
    if (startTicks === null) return;
    this.#parts.set(name, { pid, startTicks });
    this.#write();
  }

  #write(): void {
    const supervisor = { pid: process.pid, startTicks: startTicksOf(process.pid) ?? '' };
    const text = JSON.stringify({ supervisor, parts: [...this.#parts.values()] });
    // Whole or not at all, whenever this process dies.
    writeFileSync(`${this.#file}.new`, text, { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }
}

function read(file: string): z.infer<typeof InstanceFile> | null {
  try {
    return InstanceFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

function isAlive({ pid, startTicks }: ProcessName): boolean {
  return startTicksOf(pid) === startTicks;
}

/** Null when there is no such process (a zombie is none). */
function startTicksOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold anything; the state is the first field behind it, the start the twentieth.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
