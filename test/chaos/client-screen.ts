import type { TerminalSink } from '../../client/index.ts';
import { StreamAddon } from '../../client/xterm/stream-addon.ts';
import type { TerminalSize } from '../../protocol/messages/session.ts';
import { blankTerminal, lookOf, parsed } from './screen-look.ts';

/** A terminal as a page draws it: an emulator fed by the add-on that the page has, through every resize, loss and reload. */
export class ClientScreen {
  readonly #terminal = blankTerminal({ cols: 80, rows: 24 });
  readonly #sink: TerminalSink;

  constructor() {
    const addon = new StreamAddon();
    this.#terminal.loadAddon(addon);
    this.#sink = addon.sink;
  }

  output(bytes: Uint8Array, end: number): void {
    // The bytes are lent for the moment of the call, and the emulator parses later.
    this.#sink.output(bytes.slice(), () => undefined, end);
  }

  screen(screen: Parameters<TerminalSink['screen']>[0]): void {
    this.#sink.screen(screen, () => undefined);
  }

  resized(size: TerminalSize): void {
    this.#sink.resized?.(size);
  }

  /** What it shows once everything that came was parsed. */
  async look(): Promise<TerminalSize & { lines: string[] }> {
    await parsed(this.#terminal);
    const { cols, rows } = this.#terminal;
    return { cols, rows, lines: lookOf(this.#terminal) };
  }

  dispose(): void {
    this.#terminal.dispose();
  }
}
