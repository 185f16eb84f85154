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

const InstanceFile = z.object({ supervisor: ProcessName, parts: z.record(z.string(), ProcessName) });

/**
 * Who runs on a data directory: one supervisor at a time, and the parts it started. A supervisor that was killed leaves
 * its parts behind; the next one adopts those that hold what cannot be had again, and ends the others.
 */
export class Instance {
  readonly #file: string;
  readonly #parts = new Map<string, ProcessName>();
  /** Parts that still run, by name, with their process ids. */
  readonly adopted: ReadonlyMap<string, number>;

  private constructor(file: string, adopted: Map<string, number>) {
    this.#file = file;
    this.adopted = adopted;
  }

  /**
   * Takes the directory. `adopt` names the parts to be left running. Out: the instance, or the process id of the
   * supervisor that has it.
   */
  static claim(dataDirectory: string, adopt: string[]): Instance | { takenBy: number } {
    const file = join(dataDirectory, 'instance.json');
    const before = read(file);
    if (before !== null && isAlive(before.supervisor)) return { takenBy: before.supervisor.pid };
    const left = Object.entries(before?.parts ?? {}).filter(([, part]) => isAlive(part));
    for (const [name, { pid }] of left) if (!adopt.includes(name)) killGroup(pid);
    const adopted = left
      .filter(([name]) => adopt.includes(name))
      .map(([name, { pid }]) => [name, pid] as const);
    const instance = new Instance(file, new Map(adopted));
    for (const [name, pid] of adopted) instance.started(name, pid);
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
    const text = JSON.stringify({ supervisor, parts: Object.fromEntries(this.#parts) });
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
