import type { TerminalSize } from '../../protocol/messages/session.ts';
import { DEFAULT_COLS, DEFAULT_ROWS, MAX_COLS, MAX_ROWS } from '../../protocol/limits.ts';
import { printableLines } from '../output.ts';
import { ModeTracker } from './modes.ts';

/** The person's own terminal (or pipe): raw while a shell is shown in it, put back whatever happens. */
export class LocalTerminal {
  readonly #stdin: NodeJS.ReadStream;
  readonly #stdout: NodeJS.WriteStream;
  readonly #modes = new ModeTracker();
  /** What takes away whatever is drawn over the output. */
  beforeRestore: () => string = () => '';
  #raw = false;
  #restored = false;
  /** Settles when everything written so far has reached the terminal. */
  #written: Promise<void> = Promise.resolve();

  constructor(stdin: NodeJS.ReadStream, stdout: NodeJS.WriteStream) {
    this.#stdin = stdin;
    this.#stdout = stdout;
  }

  /** Both ends are terminals: a person types and reads. */
  get interactive(): boolean {
    return this.#stdin.isTTY && this.#stdout.isTTY;
  }

  get size(): TerminalSize {
    const clamp = (value: number | undefined, fallback: number, max: number): number =>
      value === undefined || value < 1 ? fallback : Math.min(value, max);
    return {
      cols: clamp(this.#stdout.columns, DEFAULT_COLS, MAX_COLS),
      rows: clamp(this.#stdout.rows, DEFAULT_ROWS, MAX_ROWS),
    };
  }

  /** Takes the keyboard: every key goes to `onKeys`, `onEnd` follows the end of a piped input. */
  start(on: { keys(bytes: Uint8Array): void; end(): void; resize(size: TerminalSize): void }): void {
    if (this.#stdin.isTTY) {
      this.#stdin.setRawMode(true);
      this.#raw = true;
    }
    this.#stdin.on('data', (data: Buffer) => on.keys(data));
    this.#stdin.on('end', () => on.end());
    this.#stdin.resume();
    this.#stdout.on('resize', () => on.resize(this.size));
  }

  /** Shows output; `shown` is called when the terminal has taken it. */
  write(bytes: Uint8Array, shown: () => void): void {
    if (this.#restored) return;
    this.#modes.observe(bytes);
    this.#written = new Promise((resolve) => {
      this.#stdout.write(bytes, () => {
        resolve();
        shown();
      });
    });
  }

  /** Blanks the terminal and shows a screen. */
  screen(bytes: Uint8Array, shown: () => void): void {
    if (this.#stdout.isTTY) this.#stdout.write(`${this.#modes.restore()}\x1b[H\x1b[2J`);
    this.write(bytes, shown);
  }

  /** One line of our own, on a line of its own. */
  say(text: string): void {
    if (!this.#restored) this.#stdout.write(this.line(text));
  }

  /** What {@link say} writes; nothing on a pipe. */
  line(text: string): string {
    return this.#stdout.isTTY ? `\r\n[alex: ${printableLines(text)}]\r\n` : '';
  }

  /** Settles when all output was written. */
  flushed(): Promise<void> {
    return this.#written;
  }

  /** Puts the terminal back as it was found. Safe to call twice, and from an exit handler. */
  restore(): void {
    if (this.#restored) return;
    this.#restored = true;
    if (this.#raw) this.#stdin.setRawMode(false);
    this.#stdin.pause();
    if (this.#stdout.isTTY) this.#stdout.write(`${this.beforeRestore()}${this.#modes.restore()}`);
  }
}
