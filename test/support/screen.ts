import headless from '@xterm/headless';
import unicode11 from '@xterm/addon-unicode11';
import { within } from './deadline.ts';

const SCROLLBACK_LINES = 5_000;

/** A terminal emulator without a window: what a person would see. */
export class Screen {
  readonly terminal: headless.Terminal;
  readonly #waiting = new Set<() => void>();

  constructor(cols: number, rows: number) {
    this.terminal = new headless.Terminal({
      cols,
      rows,
      scrollback: SCROLLBACK_LINES,
      allowProposedApi: true,
    });
    // The add-on is typed for the browser's Terminal, of which this has all that it uses.
    this.terminal.loadAddon(new unicode11.Unicode11Addon() as unknown as headless.ITerminalAddon);
    this.terminal.unicode.activeVersion = '11';
  }

  /** Shows output; resolves when it was parsed, after `then` was called at that very place in the output. */
  write(bytes: Uint8Array | string, then: () => void = () => undefined): Promise<void> {
    return new Promise((resolve) => {
      this.terminal.write(bytes, () => {
        then();
        resolve();
        for (const look of [...this.#waiting]) look();
      });
    });
  }

  /** Blanks it, gives it a size and shows a screen. */
  restore(cols: number, rows: number, bytes: Uint8Array): Promise<void> {
    // Through the parser, so that it comes after the output that is still waiting there.
    void this.write('', () => {
      // In this order: a terminal that shrinks behind a reset keeps an alternate screen of the larger size.
      this.terminal.resize(cols, rows);
      this.terminal.reset();
    });
    return this.write(bytes);
  }

  /** The visible lines, without trailing blanks. */
  lines(): string[] {
    const { active } = this.terminal.buffer;
    return Array.from({ length: this.terminal.rows }, (_unused, row) => {
      return (
        active
          .getLine(active.baseY + row)
          ?.translateToString(true)
          .trimEnd() ?? ''
      );
    });
  }

  /** The visible lines as one text, without trailing empty lines. */
  text(): string {
    return this.lines().join('\n').trimEnd();
  }

  /** Scrollback and screen as one text. */
  history(): string {
    const { active } = this.terminal.buffer;
    return Array.from({ length: active.length }, (_unused, row) => {
      return active.getLine(row)?.translateToString(true).trimEnd() ?? '';
    })
      .join('\n')
      .trimEnd();
  }

  /** Cursor, buffer and modes: what a program set besides the text. */
  state(): Record<string, unknown> {
    const { active } = this.terminal.buffer;
    return {
      cursor: [active.cursorX, active.cursorY],
      buffer: active.type,
      modes: { ...modesOf(this.terminal) },
    };
  }

  /** Waits until the visible text matches; the error shows the screen. */
  async waitFor(wanted: string | RegExp | ((text: string) => boolean), timeoutMs = 10_000): Promise<string> {
    const matches = (text: string): boolean => {
      if (typeof wanted === 'string') return text.includes(wanted);
      return typeof wanted === 'function' ? wanted(text) : wanted.test(text);
    };
    let look: () => void = () => undefined;
    const found = new Promise<string>((resolve) => {
      look = () => {
        const text = this.text();
        if (matches(text)) resolve(text);
      };
      this.#waiting.add(look);
      look();
    });
    try {
      return await within(found, timeoutMs, `${String(wanted)} on the screen`);
    } catch (error) {
      throw new Error(`${String(error)}\n── screen ──\n${this.text()}\n────────────`, { cause: error });
    } finally {
      this.#waiting.delete(look);
    }
  }
}

function modesOf(terminal: headless.Terminal): Record<string, unknown> {
  const { modes } = terminal;
  return {
    applicationCursorKeys: modes.applicationCursorKeysMode,
    bracketedPaste: modes.bracketedPasteMode,
    mouseTracking: modes.mouseTrackingMode,
    focusEvents: modes.sendFocusMode,
    wraparound: modes.wraparoundMode,
    origin: modes.originMode,
  };
}
