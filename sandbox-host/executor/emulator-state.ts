import type headless from '@xterm/headless';

/**
 * What a screen has to know of xterm.js and its public interface does not tell: saved cursors, tab stops, character
 * sets, the state of its parser. Read, never written. The package is pinned exactly, and the property test of the
 * screens fails when any of it is no longer what it was.
 */

/** How text looks: colours and flags as xterm.js packs them, see {@link Flag}. */
export interface Look {
  fg: number;
  bg: number;
  /** Counts only while `bg` has {@link Flag.Extended}. `_ext`: underline style and colour. */
  extended: { _ext: number; urlId: number };
}

export interface Cell extends Look {
  /** Empty when nothing was written to it, and for the second half of a wide character. */
  getChars(): string;
  getWidth(): number;
}

export interface Line {
  isWrapped: boolean;
  loadCell(column: number, into: Cell): Cell;
}

/** A table from characters to characters; undefined is ASCII. */
export type Charset = Record<string, string> | undefined;

/** The normal or the alternate screen. */
export interface ScreenBuffer {
  /** Cursor. `x` equals the number of columns while the next character will wrap. */
  x: number;
  y: number;
  /** Lines of scrollback above the screen. */
  ybase: number;
  lines: { length: number; get(index: number): Line | undefined };
  scrollTop: number;
  scrollBottom: number;
  tabs: Record<number, boolean | undefined>;
  savedX: number;
  savedY: number;
  savedCurAttrData: Look;
  savedCharset: Charset;
  /** The buffer's own cell, which it fills lines with: only to be looked at. */
  getNullCell(): Cell;
}

/** The inner object of a terminal. */
export interface EmulatorState {
  _inputHandler: {
    /** Designates a set: `(`, `)`, `*` or `+` for G0 to G3, and its final. */
    selectCharset(intermediateAndFinal: string): boolean;
    _curAttrData: Look;
    _windowTitle: string;
    _iconName: string;
    /** `currentState` 0: between control sequences. `precedingJoinState`: nonzero just behind a character. */
    _parser: { currentState: number; precedingJoinState: number };
    /** Bytes of a UTF-8 character that is not whole yet; zero where there is none. */
    _utf8Decoder: { interim: Uint8Array };
  };
  _bufferService: {
    cols: number;
    rows: number;
    buffers: { active: ScreenBuffer; normal: ScreenBuffer; alt: ScreenBuffer };
  };
  _charsetService: { charset: Charset; glevel: number; _charsets: Charset[] };
  _oscLinkService: { getLinkData(urlId: number): { id?: string; uri: string } | undefined };
  coreService: {
    isCursorHidden: boolean;
    modes: { insertMode: boolean };
    decPrivateModes: {
      applicationCursorKeys: boolean;
      applicationKeypad: boolean;
      bracketedPasteMode: boolean;
      cursorBlink: boolean | undefined;
      cursorStyle: 'block' | 'underline' | 'bar' | undefined;
      origin: boolean;
      reverseWraparound: boolean;
      sendFocus: boolean;
      synchronizedOutput: boolean;
      wraparound: boolean;
    };
  };
  coreMouseService: {
    activeProtocol: 'NONE' | 'X10' | 'VT200' | 'DRAG' | 'ANY';
    activeEncoding: 'DEFAULT' | 'SGR' | 'SGR_PIXELS';
  };
  optionsService: { rawOptions: { convertEol: boolean; cursorBlink: boolean } };
}

/** Bits of {@link Look}. */
export const Flag = {
  /** Of `fg`. */
  Inverse: 0x400_0000,
  Bold: 0x800_0000,
  Underline: 0x1000_0000,
  Blink: 0x2000_0000,
  Invisible: 0x4000_0000,
  Strikethrough: 0x8000_0000,
  /** Of `bg`. */
  Italic: 0x400_0000,
  Dim: 0x800_0000,
  Extended: 0x1000_0000,
  Protected: 0x2000_0000,
  Overline: 0x4000_0000,
  /** Of either: kind and value of the colour. */
  Colour: 0x3ff_ffff,
} as const;

/** The inner object of `terminal`. Throws when the library is not the one this was written for. */
export function stateOf(terminal: headless.Terminal): EmulatorState {
  const core: unknown = Reflect.get(terminal, '_core');
  const parts = ['_inputHandler', '_bufferService', '_charsetService', '_oscLinkService', 'coreMouseService'];
  if (typeof core !== 'object' || core === null || parts.some((part) => !(part in core))) {
    throw new Error('This version of xterm.js keeps its state elsewhere; screens cannot be read from it.');
  }
  return core as EmulatorState;
}

/** A cell to load others into. */
export function newCell(buffer: ScreenBuffer): Cell {
  return Reflect.construct(buffer.getNullCell().constructor, []) as Cell;
}
