import unicode11 from '@xterm/addon-unicode11';
import headless from '@xterm/headless';
import { SNAPSHOT_SCROLLBACK_LINES } from '../../protocol/limits.ts';
import type { TerminalSize } from '../../protocol/messages/session.ts';
import { type EmulatorState, stateOf } from './emulator-state.ts';
import { serializeScreen } from './screen-serializer.ts';

const ESC = 0x1b;
/** Lead byte of the C1 controls in UTF-8, and those of them that begin a sequence. */
const C1_LEAD = 0xc2;
const C1_INTRODUCERS = new Set([0x90, 0x98, 0x9b, 0x9d, 0x9e, 0x9f]);
/** States of the parser within ESC and CSI sequences, where control characters take effect at once. */
const LAST_CONTROL_STATE = 6;
/** A string (title, image) that has not ended after so many bytes is continued without the rest of them. */
const MAX_UNFINISHED_BYTES = 64 * 1024;
/** Memory of one cell, and of a line besides its cells, as measured. */
const CELL_BYTES = 16;
const LINE_BYTES = 200;
const EMPTY = new Uint8Array(0);

/** A headless xterm.js that can be written down exactly at any byte, and made again from that. */
export class Emulator {
  readonly #terminal: headless.Terminal;
  readonly #state: EmulatorState;
  /** Beginning of a sequence or character that is not whole yet. */
  #unfinished: Uint8Array = EMPTY;

  constructor(size: TerminalSize) {
    this.#terminal = new headless.Terminal({
      ...size,
      scrollback: SNAPSHOT_SCROLLBACK_LINES,
      allowProposedApi: true,
      // It would report every byte of binary output that is not a sequence.
      logLevel: 'off',
    });
    // As wide as viewers have them. The add-on is typed for the browser's Terminal, of which this has all it uses.
    this.#terminal.loadAddon(new unicode11.Unicode11Addon() as unknown as headless.ITerminalAddon);
    this.#terminal.unicode.activeVersion = '11';
    this.#state = stateOf(this.#terminal);
  }

  get size(): TerminalSize {
    return { cols: this.#terminal.cols, rows: this.#terminal.rows };
  }

  /** Memory it takes, about. */
  get bytes(): number {
    const { normal, alt } = this.#state._bufferService.buffers;
    return (normal.lines.length + alt.lines.length) * (this.#terminal.cols * CELL_BYTES + LINE_BYTES);
  }

  /** Between sequences and characters, on the normal screen, without a scroll region. */
  get plain(): boolean {
    const { active, normal } = this.#state._bufferService.buffers;
    const whole = active.scrollTop === 0 && active.scrollBottom === this.#terminal.rows - 1;
    return this.#unfinished.length === 0 && active === normal && whole;
  }

  /** Parses output; `done` is called later, and nothing may be asked of it before. */
  write(bytes: Uint8Array, done: () => void): void {
    this.#terminal.write(bytes, () => {
      this.#keepUnfinished(bytes);
      done();
    });
  }

  resize({ cols, rows }: TerminalSize): void {
    this.#terminal.resize(cols, rows);
  }

  /** What to write to an empty terminal of this size to have this one, with so much of its scrollback. */
  serialize(scrollbackLines = SNAPSHOT_SCROLLBACK_LINES): Uint8Array {
    const text = new TextEncoder().encode(serializeScreen(this.#state, scrollbackLines));
    const rest = this.#pendingBytes();
    if (rest.length === 0) return text;
    const whole = new Uint8Array(text.length + rest.length);
    whole.set(text);
    whole.set(rest, text.length);
    return whole;
  }

  dispose(): void {
    this.#terminal.dispose();
  }

  #keepUnfinished(bytes: Uint8Array): void {
    const { _parser: parser, _utf8Decoder: decoder } = this.#state._inputHandler;
    const interim = decoder.interim.filter((byte) => byte !== 0);
    if (parser.currentState === 0) {
      this.#unfinished = interim.length === 0 ? EMPTY : interim;
      return;
    }
    const at = lastIntroducer(bytes);
    if (at !== null) this.#unfinished = bytes.slice(at, at + MAX_UNFINISHED_BYTES);
    else this.#unfinished = Buffer.concat([this.#unfinished, bytes]).subarray(0, MAX_UNFINISHED_BYTES);
  }

  #pendingBytes(): Uint8Array {
    const { currentState } = this.#state._inputHandler._parser;
    if (currentState === 0 || currentState > LAST_CONTROL_STATE) return this.#unfinished;
    return this.#unfinished.filter((byte, at) => byte >= 0x20 || (byte === ESC && at === 0));
  }
}

/** Where the last sequence among `bytes` begins. */
function lastIntroducer(bytes: Uint8Array): number | null {
  for (let at = bytes.length - 1; at >= 0; at--) {
    const byte = bytes[at] ?? 0;
    if (byte === ESC || (byte === C1_LEAD && C1_INTRODUCERS.has(bytes[at + 1] ?? 0))) return at;
  }
  return null;
}
