import {
  type Cell,
  type EmulatorState,
  Flag,
  type Line,
  newCell,
  type ScreenBuffer,
} from './emulator-state.ts';
import { type FlatLook, flatten, lookSequence, PLAIN_LOOK, sameLook } from './screen-look.ts';

/** Whether this look can be seen on a cell without text, apart from its background. */
function showsOnBlank({ fg, bg }: FlatLook): boolean {
  return (fg & (Flag.Inverse | Flag.Underline | Flag.Strikethrough)) !== 0 || (bg & Flag.Overline) !== 0;
}

/**
 * Writes lines of a screen as the output that makes them on an empty one, beginning at the top left corner: text with
 * its looks and hyperlinks, erased cells with their backgrounds, and which lines are continued in the next.
 */
export class LineWriter {
  readonly #parts: string[] = [];
  readonly #state: EmulatorState;
  readonly #cols: number;
  readonly #rows: number;
  #look: FlatLook = PLAIN_LOOK;
  #link = 0;
  #x = 0;

  constructor(state: EmulatorState) {
    this.#state = state;
    this.#cols = state._bufferService.cols;
    this.#rows = state._bufferService.rows;
  }

  /** The output so far; the cursor, looks and hyperlink are left as they happen to be. */
  text(): string {
    return this.#parts.join('');
  }

  /** Writes the lines from index `first` on. */
  lines(buffer: ScreenBuffer, first: number): void {
    const cell = newCell(buffer);
    let before: Line | undefined;
    for (let index = first; index < buffer.lines.length; index++) {
      const line = buffer.lines.get(index);
      if (line === undefined) return;
      let column = 0;
      if (before !== undefined && line.isWrapped) column = this.#wrap(before, line, cell);
      else if (before !== undefined) this.#nextLine();
      this.#line(line, column, cell);
      before = line;
    }
  }

  /** Text with this look and hyperlink. */
  write(text: string, look: FlatLook): void {
    this.look(look);
    this.link(look.link);
    this.raw(text);
  }

  /** Anything that changes neither look nor hyperlink. */
  raw(sequence: string): void {
    this.#parts.push(sequence);
  }

  look(look: FlatLook): void {
    if (sameLook(look, this.#look)) return;
    this.raw(lookSequence(look));
    this.#look = look;
  }

  link(urlId: number): void {
    if (urlId === this.#link) return;
    this.raw(openLink(this.#state, urlId) || CLOSE_LINK);
    this.#link = urlId;
  }

  #nextLine(): void {
    // A line that scrolls in has the background of the moment.
    if ((this.#look.bg & Flag.Colour) !== 0) this.look(PLAIN_LOOK);
    this.raw('\r\n');
    this.#x = 0;
  }

  #line(line: Line, from: number, cell: Cell): void {
    for (let column = from; column < this.#cols;) {
      line.loadCell(column, cell);
      const width = cell.getWidth();
      if (cell.getChars() === '') column += this.#blank(line, column, cell);
      else if (width === 2 && column === this.#cols - 1) {
        // Half a wide character, cut by a resize: nothing can write it.
        column += 1;
      } else {
        this.#moveTo(column);
        // A combining mark with nothing before it must not join the character before.
        if (width === 0) this.raw(lookSequence(this.#look));
        this.write(cell.getChars(), flatten(cell));
        column += Math.max(1, width);
        this.#x = column;
      }
    }
  }

  /** Cells nothing was written to. Out: how many. */
  #blank(line: Line, column: number, cell: Cell): number {
    const look = flatten(cell);
    if (showsOnBlank(look)) {
      this.#moveTo(column);
      this.write(' ', look);
      this.#x = column + 1;
      return 1;
    }
    const background = look.bg & Flag.Colour;
    let end = column + 1;
    for (; end < this.#cols; end++) {
      line.loadCell(end, cell);
      const next = flatten(cell);
      const same = cell.getChars() === '' && (next.bg & Flag.Colour) === background;
      if (!same || showsOnBlank(next)) break;
    }
    if (background !== 0) {
      this.#moveTo(column);
      this.look({ ...PLAIN_LOOK, bg: background });
      this.raw(`\x1b[${end - column}X`);
    }
    return end - column;
  }

  /** Goes to the line `next` as text does that fills `line`. Out: the column to go on in. */
  #wrap(line: Line, next: Line, cell: Cell): number {
    const lastColumn = this.#cols - 1;
    line.loadCell(lastColumn, cell);
    const lastBlank = cell.getChars() === '';
    const last = flatten(cell);
    next.loadCell(0, cell);
    const first = {
      text: cell.getWidth() === 0 ? '' : cell.getChars(),
      width: cell.getWidth(),
      look: flatten(cell),
    };
    const short = this.#x < this.#cols;
    if (short) this.#moveTo(lastColumn);
    // A wide character that does not fit leaves the last cell alone, but for its look.
    const fits = !(lastBlank && first.width === 2);
    if (short && fits) this.write(' ', PLAIN_LOOK);
    const differs = ((last.bg ^ first.look.bg) & Flag.Colour) !== 0;
    const mend = short && (fits || differs || showsOnBlank(first.look));
    const text = first.text === '' ? ' ' : first.text;
    this.write(text, first.text === '' ? PLAIN_LOOK : first.look);
    this.#x = first.text === '' ? 1 : first.width;
    if ((this.#look.bg & Flag.Colour) !== 0) {
      this.look(PLAIN_LOOK);
      this.raw('\x1b[K');
    }
    if (mend && this.#rows > 1) {
      this.look({ ...PLAIN_LOOK, bg: last.bg & Flag.Colour });
      this.raw(`\x1b[A\x1b[${this.#cols}G\x1b[X\x1b[B\x1b[${this.#x + 1}G`);
    }
    if (first.text !== '') return this.#x;
    this.look(PLAIN_LOOK);
    this.raw('\r\x1b[X');
    this.#x = 0;
    return 0;
  }

  #moveTo(column: number): void {
    if (column > this.#x) this.raw(`\x1b[${column - this.#x}C`);
    this.#x = column;
  }
}

export const CLOSE_LINK = '\x1b]8;;\x1b\\';

/** The sequence that begins this hyperlink; empty when there is none. */
export function openLink(state: EmulatorState, urlId: number): string {
  const data = state._oscLinkService.getLinkData(urlId);
  if (data === undefined) return '';
  return `\x1b]8;${data.id === undefined ? '' : `id=${data.id}`};${data.uri}\x1b\\`;
}
