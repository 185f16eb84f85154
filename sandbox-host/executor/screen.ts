import serialize from '@xterm/addon-serialize';
import headless from '@xterm/headless';
import { SNAPSHOT_SCROLLBACK_LINES } from '../../protocol/limits.ts';
import type { TerminalSize } from '../../protocol/messages/session.ts';

/** An exact screen: written to an empty terminal of this size it gives what somebody saw who was there all along. */
export interface ScreenSnapshot {
  cols: number;
  rows: number;
  bytes: Uint8Array;
}

/**
 * The screen of one terminal, kept by a headless xterm that parses everything the program prints. Parsing is slower
 * than a PTY prints, so it runs behind; {@link snapshot} waits for it.
 */
export class Screen {
  readonly #terminal: headless.Terminal;
  readonly #serializer = new serialize.SerializeAddon();

  constructor(size: TerminalSize) {
    this.#terminal = new headless.Terminal({
      ...size,
      scrollback: SNAPSHOT_SCROLLBACK_LINES,
      allowProposedApi: true,
    });
    this.#terminal.loadAddon(this.#serializer);
  }

  /** Queues output; `parsed` is called once it is on the screen. */
  write(bytes: Uint8Array, parsed: () => void): void {
    this.#terminal.write(bytes, parsed);
  }

  /** Takes effect behind everything written before it. */
  resize({ cols, rows }: TerminalSize): void {
    this.#terminal.write('', () => this.#terminal.resize(cols, rows));
  }

  /** The screen once everything written before this call is on it. */
  snapshot(): Promise<ScreenSnapshot> {
    return new Promise((resolve) => {
      this.#terminal.write('', () => {
        const bytes = new TextEncoder().encode(
          this.#serializer.serialize({ scrollback: SNAPSHOT_SCROLLBACK_LINES }),
        );
        resolve({ cols: this.#terminal.cols, rows: this.#terminal.rows, bytes });
      });
    });
  }

  dispose(): void {
    this.#terminal.dispose();
  }
}
