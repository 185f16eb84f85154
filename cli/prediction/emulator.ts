import headless from '@xterm/headless';
import unicode11 from '@xterm/addon-unicode11';
import { z } from 'zod';
import {
  type CellStyle,
  readStyle,
  type XtermCell,
  XtermScreen,
} from '../../client/prediction/xterm-screen.ts';
import type { TerminalSize } from '../../protocol/messages/session.ts';

/**
 * What xterm.js does not tell by its public interface: whether it is between control sequences and characters, how the
 * next character will look, and whether a line-drawing set is on. The package is pinned exactly.
 */
const Core = z.object({
  _inputHandler: z.object({
    _curAttrData: z.custom<XtermCell>((value) => typeof value === 'object' && value !== null),
    _parser: z.object({ currentState: z.int() }),
    _utf8Decoder: z.object({ interim: z.instanceof(Uint8Array) }),
  }),
  _charsetService: z.object({ charset: z.unknown().optional() }),
});

/** The person's terminal as it must look now: reads what is written there, so that cells can be put back. */
export class Emulator {
  readonly screen: XtermScreen;
  readonly #terminal: headless.Terminal;

  constructor(size: TerminalSize) {
    this.#terminal = new headless.Terminal({ ...size, scrollback: 0, allowProposedApi: true });
    // The add-on is typed for the browser's Terminal, of which this has all that it uses.
    this.#terminal.loadAddon(new unicode11.Unicode11Addon() as unknown as headless.ITerminalAddon);
    this.#terminal.unicode.activeVersion = '11';
    this.screen = new XtermScreen(this.#terminal);
  }

  write(data: Uint8Array | string, parsed: () => void): void {
    this.#terminal.write(data, parsed);
  }

  /** Blank, of this size. */
  reset({ cols, rows }: TerminalSize): void {
    this.#terminal.reset();
    this.#terminal.resize(cols, rows);
  }

  resize({ cols, rows }: TerminalSize): void {
    this.#terminal.resize(cols, rows);
  }

  /** How the next character will look; null where nothing may be drawn between. */
  drawable(): CellStyle | null {
    const { _inputHandler: input, _charsetService: charsets } = Core.parse(
      Reflect.get(this.#terminal, '_core'),
    );
    const between =
      input._parser.currentState === 0 && input._utf8Decoder.interim.every((byte) => byte === 0);
    return between && charsets.charset === undefined ? readStyle(input._curAttrData) : null;
  }

  dispose(): void {
    this.#terminal.dispose();
  }
}
