import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { Typed } from './truth.ts';

/**
 * What one client typed into one terminal, on disk, so that it is known whenever the client is killed: a line before
 * each piece, a mark behind it once the client library has taken it.
 */
export class TypingLog {
  readonly #file: string;

  constructor(directory: string, terminal: string) {
    this.#file = `${directory}/${terminal}.typed`;
  }

  begin(bytes: number): void {
    appendFileSync(this.#file, `${bytes}`);
  }

  /** The library took it (or, `taken` false, said that it did not). */
  end(taken: boolean): void {
    appendFileSync(this.#file, taken ? '.\n' : '!\n');
  }

  /** Everything typed, oldest first. A piece without its mark is uncertain. */
  read(): Typed[] {
    if (!existsSync(this.#file)) return [];
    const lines = readFileSync(this.#file, 'latin1').split(/(?<=[.!]\n|\?\n)/);
    return lines
      .filter((line) => line !== '' && !line.endsWith('!\n'))
      .map((line) => ({ bytes: Number.parseInt(line, 10), certain: line.endsWith('.\n') }));
  }

  /** Called by a client that starts again: a piece its last life left without a mark gets one of its own. */
  close(): void {
    const text = existsSync(this.#file) ? readFileSync(this.#file, 'latin1') : '';
    if (text !== '' && !text.endsWith('\n')) appendFileSync(this.#file, '?\n');
  }
}
