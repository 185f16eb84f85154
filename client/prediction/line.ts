import type { Key } from './keys.ts';
import { type Cell, isBlank, PLAIN, sameStyle } from './screen.ts';

/** One row of the screen and the cursor in it. */
export interface Line {
  cells: readonly Cell[];
  x: number;
}

/** What is known of the line that is edited. */
export interface Editing {
  /** The terminal itself echoes: text overwrites, only the end of the line is edited, arrows are no arrows. */
  echoed: boolean;
  /** Nothing left of this column is edited... */
  minX: number;
  /** ...and the line is known to begin exactly there, so that Backspace and Left at it do nothing. */
  exact: boolean;
}

/**
 * What a key makes of a line, or null when that cannot be told. The last column is never written and never reached,
 * because there programs and terminals differ.
 */
export function applyKey(line: Line, key: Key, editing: Editing): Line | null {
  if (line.x >= line.cells.length || line.cells[line.x]?.width === 0) return null;
  switch (key.kind) {
    case 'text':
      return insert(line, key.text, key.width, editing);
    case 'backspace':
      return erase(line, editing);
    case 'left':
      return editing.echoed ? null : left(line, editing);
    case 'right':
      return editing.echoed ? null : right(line);
    case 'other':
      return null;
  }
}

function insert({ cells, x }: Line, text: string, width: number, editing: Editing): Line | null {
  if (x + width > cells.length - 1) return null;
  const typed = glyph(text, width, typedStyle(cells, x));
  if (editing.echoed || suggested(cells, x, text)) {
    if (cells.slice(x, x + width).some((cell) => cell.width !== 1)) return null;
    return { cells: cells.toSpliced(x, width, ...typed), x: x + width };
  }
  const end = endOfText(cells, x);
  if (end === null || end + width > cells.length - 1) return null;
  return { cells: cells.toSpliced(end, width).toSpliced(x, 0, ...typed), x: x + width };
}

function erase(line: Line, editing: Editing): Line | null {
  const { cells } = line;
  const before = left(line, editing);
  if (before === null || before.x === line.x) return before;
  const width = line.x - before.x;
  const blanks = Array.from({ length: width }, () => ({ text: ' ', width: 1, style: PLAIN }));
  if (editing.echoed) {
    // Beyond ASCII the terminal erases bytes or characters, by a flag that is not reported.
    const known = width === 1 && (cells[before.x]?.text ?? '') <= '~';
    return known ? { cells: cells.toSpliced(before.x, width, ...blanks), x: before.x } : null;
  }
  const end = endOfText(cells, line.x);
  if (end === null) return null;
  return { cells: cells.toSpliced(end, 0, ...blanks).toSpliced(before.x, width), x: before.x };
}

function left({ cells, x }: Line, { minX, exact }: Editing): Line | null {
  if (x <= minX) return exact ? { cells, x } : null;
  const to = cells[x - 1]?.width === 0 ? x - 2 : x - 1;
  return to < minX ? null : { cells, x: to };
}

function right({ cells, x }: Line): Line | null {
  const end = endOfText(cells, x);
  if (end === null || end === x) return null;
  const to = x + (cells[x]?.width ?? 1);
  return to > cells.length - 1 ? null : { cells, x: to };
}

/** Where the text that goes on from `x` ends: before two blanks in a row. Null: at the edge, where it may go on below. */
function endOfText(cells: readonly Cell[], x: number): number | null {
  for (let at = x; at < cells.length - 1; at++) if (isBlank(cells[at]) && isBlank(cells[at + 1])) return at;
  return null;
}

/** A shell suggests what may follow, in another colour; typing it overwrites the suggestion. */
function suggested(cells: readonly Cell[], x: number, text: string): boolean {
  const [before, at] = [cells[x - 1], cells[x]];
  return at?.text === text && before !== undefined && !isBlank(at) && !sameStyle(before.style, at.style);
}

function glyph(text: string, width: number, style: Cell['style']): Cell[] {
  const half = { text: '', width: 0, style };
  return width === 2 ? [{ text, width, style }, half] : [{ text, width, style }];
}

function typedStyle(cells: readonly Cell[], x: number): Cell['style'] {
  const [before, at] = [cells[x - 1], cells[x]];
  if (at !== undefined && isBlank(at)) return at.style;
  return before !== undefined && !isBlank(before) ? before.style : PLAIN;
}
