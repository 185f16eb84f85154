import { type EmulatorState, newCell, type ScreenBuffer } from './emulator-state.ts';
import { beforeCharset, charsetsSequence } from './screen-charsets.ts';
import { CLOSE_LINK, LineWriter, openLink } from './screen-lines.ts';
import { type FlatLook, flatten, flattenPen, lookSequence, sameLook } from './screen-look.ts';
import { marginsSequence, modesSequence, savedCursorSequence, titleSequence } from './screen-modes.ts';

/** Ends whatever sequence a terminal may be within. */
const CANCEL = '\x18';

/** The character before the cursor and where it begins; null when there is none. */
interface Before {
  column: number;
  text: string;
  width: number;
  look: FlatLook;
}

/**
 * The output that makes an empty terminal of the same size what this one is, at most `scrollbackLines` back: text,
 * both buffers, cursors, margins, modes. Output that follows has the same effect on both. Whatever sequence or
 * character was not whole at the end is not part of it, see {@link Emulator}.
 */
export function serializeScreen(state: EmulatorState, scrollbackLines: number): string {
  const { cols, rows, buffers } = state._bufferService;
  const { active, normal, alt } = buffers;
  const altShown = active === alt;
  const writer = new LineWriter(state);
  writer.raw(CANCEL + titleSequence(state));
  const saved = {
    normal: savedCursorSequence(normal, cols, rows),
    alt: savedCursorSequence(alt, cols, rows),
  };
  if (!altShown && saved.alt !== '') writer.raw(`\x1b[?47h${saved.alt}\x1b[m\x1b(B\x1b[?47l\x1b[H`);
  writer.lines(normal, Math.max(0, normal.ybase - scrollbackLines));
  finishBuffer(writer, normal, saved.normal, state);
  if (altShown) {
    writer.raw(`\x1b[${normal.y + 1};${Math.min(normal.x, cols - 1) + 1}H\x1b[m\x1b(B\x1b[?47h\x1b[H`);
    const screen = new LineWriter(state);
    screen.lines(alt, 0);
    writer.raw(screen.text());
    finishBuffer(writer, alt, saved.alt, state);
  }
  return writer.text() + cursorSequence(state, active, saved.normal !== '' || saved.alt !== '');
}

function finishBuffer(writer: LineWriter, buffer: ScreenBuffer, saved: string, state: EmulatorState): void {
  const { cols, rows } = state._bufferService;
  writer.link(0);
  writer.raw(marginsSequence(buffer, cols, rows) + saved);
}

/** Character sets, modes, looks of what follows, and last the cursor, behind the character it stands behind. */
function cursorSequence(state: EmulatorState, buffer: ScreenBuffer, setsChanged: boolean): string {
  const { cols } = state._bufferService;
  const service = state._charsetService;
  const parts = [charsetsSequence(state, setsChanged)];
  const raw = state._inputHandler._curAttrData;
  const look = flattenPen(raw);
  // Only a restored cursor brings a character set without designating it.
  if (service.charset !== service._charsets[service.glevel]) parts.push('\x1b8');
  const origin = state.coreService.decPrivateModes.origin;
  if (origin) parts.push('\x1b[?6h');
  const top = origin ? buffer.scrollTop : 0;
  const to = (column: number): string => `\x1b[${buffer.y - top + 1};${column + 1}H`;
  const joins = state._inputHandler._parser.precedingJoinState !== 0;
  const before = buffer.x === cols || joins ? beforeCursor(buffer, cols) : null;
  const last: string[] = [];
  if (before !== null) {
    parts.push(to(before.column));
    // Printing in insert mode moves the rest of the line to where it is now.
    if (state.coreService.modes.insertMode) last.push(`\x1b[${before.width}P`);
    last.push(beforeCharset(before.text, service.charset));
  } else parts.push(to(Math.min(buffer.x, cols - 1)));
  const current = lookSequence(look) + openLink(state, look.link);
  parts.push(modesSequence(state));
  // Just behind a character, that character comes last: combining marks and repeats refer to it.
  if (before === null || (joins && sameLook(before.look, flatten(raw)))) parts.push(current, ...last);
  else {
    const link = openLink(state, before.look.link);
    parts.push(lookSequence(before.look), link, ...last, CLOSE_LINK, current);
  }
  return parts.join('');
}

function beforeCursor(buffer: ScreenBuffer, cols: number): Before | null {
  const line = buffer.lines.get(buffer.ybase + buffer.y);
  if (line === undefined || buffer.x === 0) return null;
  const cell = newCell(buffer);
  let column = buffer.x - 1;
  line.loadCell(column, cell);
  if (cell.getWidth() === 0 && cell.getChars() === '' && column > 0) line.loadCell(--column, cell);
  const [text, width] = [cell.getChars(), cell.getWidth()];
  if (text !== '' && column + Math.max(1, width) === buffer.x)
    return { column, text, width, look: flatten(cell) };
  if (buffer.x < cols) return null;
  // Only a character can bring the cursor behind the margin.
  line.loadCell(cols - 1, cell);
  return { column: cols - 1, text: ' ', width: 1, look: flatten(cell) };
}
