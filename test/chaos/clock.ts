import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SOURCE = join(import.meta.dirname, 'clock.c');
const COMPILE_TIMEOUT_MS = 30_000;

/** A wall clock that jumps when it is told to, for the processes that are started with its environment. */
export class JumpingClock {
  /** What a process needs in its environment to live by this clock. */
  readonly env: Record<string, string>;
  readonly #file: string;
  #wrongByS = 0;

  private constructor(library: string, file: string) {
    this.#file = file;
    this.env = { LD_PRELOAD: library, CHAOS_CLOCK: file };
    this.set(0);
  }

  /** A clock called `name`; null where there is no C compiler to build what lies to the processes. */
  static create(directory: string, name: string): JumpingClock | null {
    const library = join(directory, 'clock.so');
    const args = ['-shared', '-fPIC', '-O2', '-o', library, SOURCE, '-ldl'];
    const built = existsSync(library) || spawnSync('cc', args, { timeout: COMPILE_TIMEOUT_MS }).status === 0;
    return built ? new JumpingClock(library, join(directory, name)) : null;
  }

  /** Sets it forward, or back, from where it is. */
  step(seconds: number): void {
    this.set(this.#wrongByS + seconds);
  }

  /** The clock is wrong by `seconds` from now on. */
  set(seconds: number): void {
    this.#wrongByS = seconds;
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(seconds));
    // In place: the processes have the file mapped.
    writeFileSync(this.#file, bytes, { flag: existsSync(this.#file) ? 'r+' : 'w' });
  }
}
