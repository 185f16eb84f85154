import type { Run } from './run.ts';
import type { Cell, PredictionScreen } from './screen.ts';

/** One cell to be shown in place of what the server's screen has. */
export interface OverlayCell extends Cell {
  x: number;
}

/** What is shown over one row of the screen, and where the cursor is shown. */
export interface Overlay {
  y: number;
  x: number;
  cells: OverlayCell[];
  /** Marked as not confirmed. */
  underline: boolean;
}

/**
 * Cells of the first `count` predicted keys of a run that the screen does not show by itself. Null while the screen is
 * in the middle of something else, or scrolled away.
 */
export function overlayOf(
  screen: PredictionScreen,
  run: Run,
  count: number,
  underline: boolean,
): Overlay | null {
  const { y } = run;
  if (!screen.atBottom || screen.cursor.y !== y || screen.cursor.x >= screen.cols) return null;
  const line = run.after(count);
  const row = screen.row(y);
  if (row.length !== line.cells.length) return null;
  const cells: OverlayCell[] = [];
  for (const [x, cell] of line.cells.entries()) {
    if (cell.text === run.base.cells[x]?.text || cell.text === row[x]?.text) continue;
    if (cell.width > 0) cells.push({ x, ...cell });
  }
  if (cells.length === 0 && line.x === screen.cursor.x) return null;
  return { y, x: line.x, cells, underline };
}
