import type { TerminalMode } from '../../../protocol/messages/session.ts';

export const LINE_EDITOR: TerminalMode = { canonical: false, echo: false, signals: true };
export const COOKED: TerminalMode = { canonical: true, echo: true, signals: true };
export const PASSWORD: TerminalMode = { canonical: true, echo: false, signals: true };

/** A program in a terminal, as far as echo goes: keys in, output out. */
export interface Program {
  readonly mode: TerminalMode;
  start(): string;
  /** One key, or one escape sequence. */
  key(key: string): string;
}

/** A shell that edits its line as readline does; the command `secret` reads a password, `cat` echoes lines. */
export class Shell implements Program {
  readonly #prompt: string;
  #before = '';
  #after = '';
  #reading: 'command' | 'secret' | 'cat' = 'command';

  constructor(prompt = '~ $ ') {
    this.#prompt = prompt;
  }

  get mode(): TerminalMode {
    return { command: LINE_EDITOR, secret: PASSWORD, cat: COOKED }[this.#reading];
  }

  start(): string {
    return this.#prompt;
  }

  key(key: string): string {
    if (this.#reading === 'secret') return key === '\r' ? this.#back('\r\n') : '';
    if (this.#reading === 'cat') return this.#catKey(key);
    switch (key) {
      case '\r':
        return this.#enter();
      case '\x7f':
        if (this.#before === '') return '\x07';
        this.#before = this.#before.slice(0, -1);
        return `\b${this.#after} ${'\b'.repeat(this.#after.length + 1)}`;
      case '\x1b[D':
        if (this.#before === '') return '\x07';
        this.#after = this.#before.slice(-1) + this.#after;
        this.#before = this.#before.slice(0, -1);
        return '\b';
      case '\x1b[C': {
        const next = this.#after.slice(0, 1);
        this.#before += next;
        this.#after = this.#after.slice(1);
        return next;
      }
      case '\x15': {
        const erased = this.#before.length;
        this.#before = '';
        const rest = this.#after;
        return `${'\b'.repeat(erased)}${rest}\x1b[K${'\b'.repeat(rest.length)}`;
      }
      case '\t':
        return '\x07';
      default:
        this.#before += key;
        return `${key}${this.#after}${'\b'.repeat(this.#after.length)}`;
    }
  }

  #enter(): string {
    const command = this.#before + this.#after;
    this.#before = '';
    this.#after = '';
    if (command === 'secret') {
      this.#reading = 'secret';
      return '\r\nPassword: ';
    }
    if (command === 'cat') {
      this.#reading = 'cat';
      return '\r\n';
    }
    return `\r\n${command === '' ? '' : `you said ${command}\r\n`}${this.#prompt}`;
  }

  /** As the kernel echoes: what is typed, arrows as `^[[D`, Ctrl-D to end. */
  #catKey(key: string): string {
    if (key === '\x04') return this.#back('');
    if (key === '\r') {
      const line = this.#before;
      this.#before = '';
      return `\r\n${line}\r\n`;
    }
    if (key === '\x7f') {
      if (this.#before === '') return '';
      this.#before = this.#before.slice(0, -1);
      return '\b \b';
    }
    if (key < ' ') {
      const shown = key.replaceAll(/[^ -~]/g, (c) => `^${String.fromCharCode(c.charCodeAt(0) + 64)}`);
      this.#before += shown;
      return shown;
    }
    this.#before += key;
    return key;
  }

  #back(first: string): string {
    this.#reading = 'command';
    return `${first}${this.#prompt}`;
  }
}

/** Reads a password of its own with an asterisk for each key, in the mode of a line editor: no report tells it apart. */
export class Masked implements Program {
  readonly mode = LINE_EDITOR;
  start(): string {
    return 'Token: ';
  }
  key(key: string): string {
    return key === '\r' ? '\r\nToken: ' : '*';
  }
}
