import type { TerminalExit } from '../../protocol/messages/session.ts';
import type { TerminalSink } from '../stream-port.ts';
import type { TerminalStream } from '../terminal-stream.ts';

/** What the add-on needs of a terminal: the `Terminal` of `@xterm/xterm` and of `@xterm/headless` both are one. */
export interface XtermTerminal {
  write(data: string | Uint8Array, parsed?: () => void): void;
  reset(): void;
  resize(cols: number, rows: number): void;
  onData(listener: (text: string) => void): Disposable;
  onBinary(listener: (text: string) => void): Disposable;
  onResize(listener: (size: { cols: number; rows: number }) => void): Disposable;
}

interface Disposable {
  dispose(): void;
}

/** What the owner of a terminal may want to know or change. */
export interface StreamAddonOptions {
  /** Changes text before it is typed (a Ctrl key held on screen, say). An empty text types nothing. */
  transform?: (text: string) => string;
  /** The program ended and everything it printed is on the screen. */
  exited?: (exit: TerminalExit) => void;
  /** These bytes were not typed: too much waits to be applied already. */
  refused?: (bytes: Uint8Array) => void;
}

const encoder = new TextEncoder();

/**
 * Binds an xterm.js terminal to a stream: output and exact screens are written, keys, pastes and mouse reports are
 * typed, sizes change between the bytes they belong to, and output is acknowledged when it was parsed.
 *
 * In: `terminal.loadAddon(addon)`, then `addon.bind(await client.open(request, addon.sink))`. The session decides the
 * size of a terminal; resizing the terminal (as the fit add-on does) asks for it, and the answer resizes it.
 */
export class StreamAddon {
  /** Give it to `SessionClient.open` or `attach`. Only after the terminal has loaded the add-on. */
  readonly sink: TerminalSink = {
    output: (bytes, consumed) => this.#loaded().write(bytes, consumed),
    screen: ({ cols, rows, bytes }, consumed) => {
      const terminal = this.#loaded();
      terminal.write('', () => {
        // In this order: a terminal that shrinks behind a reset keeps an alternate screen of the larger size.
        this.#resize(cols, rows);
        terminal.reset();
      });
      terminal.write(bytes, consumed);
    },
    // Behind what was written before it: a size begins at a place in the output.
    resized: ({ cols, rows }) => this.#loaded().write('', () => this.#resize(cols, rows)),
    exited: (exit) => this.#loaded().write('', () => this.#options.exited?.(exit)),
  };
  readonly #options: StreamAddonOptions;
  readonly #listeners: Disposable[] = [];
  #terminal: XtermTerminal | null = null;
  #stream: TerminalStream | null = null;
  #resizing = false;

  constructor(options: StreamAddonOptions = {}) {
    this.#options = options;
  }

  /** Called by `terminal.loadAddon`. */
  activate(terminal: XtermTerminal): void {
    this.#terminal = terminal;
    this.#listeners.push(
      terminal.onData((text) => this.type(this.#options.transform?.(text) ?? text)),
      // Mouse reports of the old encoding: one byte per character, not UTF-8.
      terminal.onBinary((text) => this.type(Uint8Array.from(text, (character) => character.charCodeAt(0)))),
      terminal.onResize(({ cols, rows }) => {
        if (!this.#resizing) this.#stream?.resize({ cols, rows });
      }),
    );
  }

  /** From now on keys go to this stream. Its output comes through {@link sink}. */
  bind(stream: TerminalStream): void {
    this.#stream = stream;
  }

  get stream(): TerminalStream | null {
    return this.#stream;
  }

  /** Types, as the keyboard does. Nothing happens before {@link bind} and after the end. */
  type(keys: string | Uint8Array): void {
    const bytes = typeof keys === 'string' ? encoder.encode(keys) : keys;
    if (bytes.length === 0 || this.#stream === null || this.#stream.exit !== null) return;
    if (!this.#stream.write(bytes)) this.#options.refused?.(bytes);
  }

  /** Called by the terminal's own `dispose`. The stream stays attached; detach it with the client. */
  dispose(): void {
    for (const listener of this.#listeners.splice(0)) listener.dispose();
    this.#stream = null;
  }

  #resize(cols: number, rows: number): void {
    this.#resizing = true;
    try {
      this.#loaded().resize(cols, rows);
    } finally {
      this.#resizing = false;
    }
  }

  #loaded(): XtermTerminal {
    if (this.#terminal === null)
      throw new Error('Load the add-on into a terminal first: terminal.loadAddon(addon).');
    return this.#terminal;
  }
}
