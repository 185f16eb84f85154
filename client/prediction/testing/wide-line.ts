import { LINE_EDITOR } from './programs.ts';
import type { Program } from './programs.ts';

const PROMPT = '~ $ ';

/**
 * A line editor for any characters, which knows nothing of widths: it draws what is typed, and for Backspace goes back to
 * where it saved the cursor, erases all behind it, and draws the line again without its last character as people see it.
 */
export class WideLine implements Program {
  readonly mode = LINE_EDITOR;
  readonly #characters = new Intl.Segmenter('und', { granularity: 'grapheme' });
  #line = '';

  start(): string {
    return `${PROMPT}\x1b7`;
  }

  key(key: string): string {
    if (key === '\r') {
      this.#line = '';
      return `\r\n${this.start()}`;
    }
    if (key.startsWith('\x1b')) return '\x07';
    if (key !== '\x7f') {
      this.#line += key;
      return key;
    }
    const last = [...this.#characters.segment(this.#line)].at(-1);
    if (last === undefined) return '\x07';
    this.#line = this.#line.slice(0, last.index);
    return `\x1b8\x1b[J${this.#line}`;
  }
}
