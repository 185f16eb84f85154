import type { Overlay } from '../../client/prediction/overlay.ts';
import type { Cell, CellColor, CellStyle } from '../../client/prediction/screen.ts';

/** What was drawn over a person's terminal, and how to take it away. */
export interface Painted {
  draw: string;
  /** Puts the row, the cursor and the look of what follows back. Only before anything else is written. */
  erase: string;
}

/**
 * Draws an overlay on the row the cursor is in, with nothing but column moves: whatever the terminal has done with its rows,
 * drawing and erasing stay on the cursor's own. `row`: what the terminal shows there; `x`: where its cursor is; `style`:
 * how its next character looks.
 */
export function paint(overlay: Overlay, row: readonly Cell[], x: number, style: CellStyle): Painted {
  const draw: string[] = [];
  const erase: string[] = [];
  for (const cell of overlay.cells) {
    const marked = overlay.underline ? { ...cell.style, underline: true } : cell.style;
    draw.push(put(cell.x, cell.text, marked));
    for (const { at, under } of coveredBy(row, cell)) erase.push(put(at, under.text, under.style));
  }
  const back = look(style);
  return {
    draw: `${draw.join('')}${back}${column(overlay.x)}`,
    erase: `${erase.join('')}${back}${column(x)}`,
  };
}

/** Cells of the row that a drawn cell covers, the left half of a wide character that it cuts among them. */
function coveredBy(row: readonly Cell[], { x, width }: Cell & { x: number }): { at: number; under: Cell }[] {
  const first = row[x]?.width === 0 ? x - 1 : x;
  const covered = [];
  for (let at = first; at < x + width; at++) {
    const under = row[at];
    if (under !== undefined && under.width > 0) covered.push({ at, under });
  }
  return covered;
}

function put(x: number, text: string, style: CellStyle): string {
  return `${column(x)}${look(style)}${text}`;
}

function column(x: number): string {
  return `\u001b[${x + 1}G`;
}

/** The control sequence that makes what follows look so, whatever it looked like before. */
export function look(style: CellStyle): string {
  const codes = ['0'];
  if (style.bold) codes.push('1');
  if (style.dim) codes.push('2');
  if (style.italic) codes.push('3');
  if (style.underline) codes.push('4');
  if (style.inverse) codes.push('7');
  codes.push(...colorCodes(style.foreground, 30), ...colorCodes(style.background, 40));
  return `\u001b[${codes.join(';')}m`;
}

function colorCodes(color: CellColor, base: 30 | 40): string[] {
  if (color.kind === 'default') return [];
  if (color.kind === 'palette') {
    if (color.index < 8) return [String(base + color.index)];
    if (color.index < 16) return [String(base + 60 + color.index - 8)];
    return [String(base + 8), '5', String(color.index)];
  }
  const { value } = color;
  return [String(base + 8), '2', String(value >> 16), String((value >> 8) & 0xff), String(value & 0xff)];
}
