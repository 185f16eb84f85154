export type { CellStyle } from './screen.ts';
import { type Cell, type CellColor, type CellStyle, PLAIN, type PredictionScreen } from './screen.ts';

/** What is read of an xterm.js terminal; those of `@xterm/xterm` and `@xterm/headless` both are one. */
export interface XtermLike {
  readonly cols: number;
  readonly rows: number;
  readonly buffer: { readonly active: XtermBuffer };
}

interface XtermBuffer {
  readonly type: 'normal' | 'alternate';
  readonly cursorX: number;
  readonly cursorY: number;
  readonly baseY: number;
  readonly viewportY: number;
  getLine(y: number): { getCell(x: number): XtermCell | undefined } | undefined;
}

/** A cell, or the look of the next one, as xterm.js has it. */
export interface XtermCell {
  getChars(): string;
  getWidth(): number;
  getFgColor(): number;
  getBgColor(): number;
  isFgDefault(): boolean;
  isBgDefault(): boolean;
  isFgRGB(): boolean;
  isBgRGB(): boolean;
  isAttributeDefault(): boolean;
  isBold(): number;
  isDim(): number;
  isItalic(): number;
  isUnderline(): number;
  isInverse(): number;
}

/** Reads the screen of an xterm.js terminal. */
export class XtermScreen implements PredictionScreen {
  readonly #terminal: XtermLike;

  constructor(terminal: XtermLike) {
    this.#terminal = terminal;
  }

  get cols(): number {
    return this.#terminal.cols;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  get alternate(): boolean {
    return this.#terminal.buffer.active.type === 'alternate';
  }

  get cursor(): { x: number; y: number } {
    const { cursorX, cursorY } = this.#terminal.buffer.active;
    return { x: cursorX, y: cursorY };
  }

  get atBottom(): boolean {
    const { viewportY, baseY } = this.#terminal.buffer.active;
    return viewportY === baseY;
  }

  row(y: number): Cell[] {
    const { active } = this.#terminal.buffer;
    const line = active.getLine(active.baseY + y);
    return Array.from({ length: this.cols }, (_unused, x) => readCell(line?.getCell(x)));
  }
}

const EMPTY: Cell = { text: ' ', width: 1, style: PLAIN };

function readCell(cell: XtermCell | undefined): Cell {
  if (cell === undefined) return EMPTY;
  const width = cell.getWidth();
  const text = width === 0 ? '' : cell.getChars() || ' ';
  return { text, width, style: cell.isAttributeDefault() ? PLAIN : readStyle(cell) };
}

export function readStyle(cell: XtermCell): CellStyle {
  return {
    foreground: readColor(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor()),
    background: readColor(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor()),
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
    italic: cell.isItalic() !== 0,
    underline: cell.isUnderline() !== 0,
    inverse: cell.isInverse() !== 0,
  };
}

function readColor(isDefault: boolean, isRgb: boolean, value: number): CellColor {
  if (isDefault) return { kind: 'default' };
  return isRgb ? { kind: 'rgb', value } : { kind: 'palette', index: value };
}
