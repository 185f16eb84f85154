/** How a cell looks. Colours as xterm.js gives them: `default`, a palette index, or 0xrrggbb. */
export interface CellStyle {
  foreground: CellColor;
  background: CellColor;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  inverse: boolean;
}
export type CellColor =
  { kind: 'default' } | { kind: 'palette'; index: number } | { kind: 'rgb'; value: number };

/** One cell. An empty one is a space; `width` 0 is the right half of a wide character. */
export interface Cell {
  text: string;
  width: number;
  style: CellStyle;
}

const DEFAULT_COLOR: CellColor = { kind: 'default' };
export const PLAIN: CellStyle = {
  foreground: DEFAULT_COLOR,
  background: DEFAULT_COLOR,
  ...{ bold: false, dim: false, italic: false, underline: false, inverse: false },
};

export function isBlank(cell: Cell | undefined): boolean {
  return cell === undefined || (cell.text === ' ' && cell.width === 1);
}

export function sameStyle(a: CellStyle, b: CellStyle): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** The screen as the server made it, up to the output parsed so far. Rows and columns from 0, of the visible part. */
export interface PredictionScreen {
  readonly cols: number;
  readonly rows: number;
  /** A full-screen program has it. */
  readonly alternate: boolean;
  /** `x` equals `cols` when the next character wraps. */
  readonly cursor: { x: number; y: number };
  /** The person looks at the newest lines, not at the scrollback. */
  readonly atBottom: boolean;
  row(y: number): Cell[];
}
