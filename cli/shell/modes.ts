/**
 * Private modes a program may leave on in a person's own terminal, with what turns each off again: application cursor
 * keys, mouse reporting and its encodings, focus events, alternate screens, bracketed paste, synchronised output.
 */
const RESTORED_MODES = [
  1, 9, 47, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1047, 1049, 2004, 2026, 2031,
];
/** Modes that are on in a fresh terminal: wrap-around, visible cursor. */
const DEFAULT_ON = [7, 25];
/** Longest mode sequence looked for; anything longer is not one. */
const MAX_SEQUENCE_CHARS = 64;
const ESCAPE = '\x1b';
/** Set or reset of private modes: `CSI ? n ; n … h` or `l`. */
const MODE = new RegExp(`${ESCAPE}\\[\\?([\\d;]+)([hl])`, 'g');

/**
 * Follows the private modes a program sets in passing output, so that a detach or an exit can leave the terminal as it
 * was found. Sequences cut in two by chunk borders are found as well.
 */
export class ModeTracker {
  readonly #on = new Set<number>();
  readonly #off = new Set<number>();
  readonly #decoder = new TextDecoder('latin1');
  #tail = '';

  /** Looks at output on its way to the terminal. */
  observe(bytes: Uint8Array): void {
    const text = this.#tail + this.#decoder.decode(bytes);
    let end = 0;
    for (const match of text.matchAll(MODE)) {
      end = match.index + match[0].length;
      for (const mode of (match[1] ?? '').split(';')) this.#set(Number(mode), match[2] === 'h');
    }
    const escape = text.lastIndexOf(ESCAPE);
    const unfinished = escape >= end ? text.slice(escape) : '';
    this.#tail = unfinished.length <= MAX_SEQUENCE_CHARS ? unfinished : '';
  }

  /** The sequence that puts the terminal back; all is as in a fresh terminal after it. Always resets colours. */
  restore(): string {
    const off = [...this.#on].map((mode) => `\x1b[?${mode}l`).join('');
    const on = [...this.#off].map((mode) => `\x1b[?${mode}h`).join('');
    this.#on.clear();
    this.#off.clear();
    // Margins, keypad and character set have no cheap query; resetting them moves nothing but the cursor, which
    // the saved position brings back.
    return `${off}${on}\x1b7\x1b[r\x1b8\x1b>\x1b(B\x0f\x1b[0m`;
  }

  #set(mode: number, on: boolean): void {
    if (RESTORED_MODES.includes(mode)) {
      if (on) this.#on.add(mode);
      else this.#on.delete(mode);
    } else if (DEFAULT_ON.includes(mode)) {
      if (on) this.#off.delete(mode);
      else this.#off.add(mode);
    }
  }
}
