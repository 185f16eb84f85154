import type { Terminal } from '@xterm/xterm';
import type { TerminalSize } from '../../protocol/messages/session.ts';

/** Text smaller than this cannot be read; a terminal that does not fit then is scrolled. */
const MIN_FONT_PX = 5;
/** Steps of font size tried. */
const STEP_PX = 0.25;
/** Room xterm.js keeps for its scroll bar. */
const SCROLLBAR_PX = 14;

/** Room for the frame, both sides together. */
const FRAME_PX = 8;
/** Room below for the words whose size it is, which hide no line of the terminal so. As in the style sheet. */
const HINT_PX = 32;

export interface Box {
  width: number;
  height: number;
}

/** The cells that fit into a place; null when not one does. Pixels. */
export function cellsIn(place: Box, cell: Box): TerminalSize | null {
  const cols = Math.floor((place.width - SCROLLBAR_PX) / cell.width);
  const rows = Math.floor(place.height / cell.height);
  return cols > 1 && rows > 1 ? { cols, rows } : null;
}

/** The font size at which a terminal of this size fits into a place: `basePx` if it does, smaller otherwise. */
export function fontThatFits(place: Box, size: TerminalSize, cell: Box, basePx: number): number {
  const scale = Math.min(
    (place.width - SCROLLBAR_PX) / (size.cols * cell.width),
    place.height / (size.rows * cell.height),
  );
  if (scale >= 1) return basePx;
  return Math.min(basePx, Math.max(MIN_FONT_PX, Math.floor((basePx * scale) / STEP_PX) * STEP_PX));
}

/** Shows a terminal whose size is somebody else's whole; unless it fits by chance in the middle of its place, with a frame. */
export class Letterbox {
  readonly #terminal: Terminal;
  readonly #host: HTMLElement;
  #basePx: number;
  /** Size of a cell at `basePx`, once it was seen. */
  #cell: Box | null = null;
  #on = false;

  /** `host`: the place, filled by the terminal when its size is our own. */
  constructor(terminal: Terminal, host: HTMLElement, basePx: number) {
    this.#terminal = terminal;
    this.#host = host;
    this.#basePx = basePx;
  }

  /** The font size of the settings is another one. */
  setBase(basePx: number): void {
    if (this.#cell !== null) this.#cell = scaled(this.#cell, basePx / this.#basePx);
    this.#basePx = basePx;
    this.#terminal.options.fontSize = basePx;
    if (this.#on) this.show(true);
  }

  /** The size that would fill the place; null when it is to be measured, or has no place. */
  measure(): TerminalSize | null {
    if (!this.#on || this.#cell === null) return null;
    return cellsIn({ width: this.#host.clientWidth, height: this.#host.clientHeight }, this.#cell);
  }

  /** Shows the terminal at the size it has, which is `foreign` or our own. Call again when either size changes. */
  show(foreign: boolean): void {
    const screen = this.#host.querySelector<HTMLElement>('.xterm-screen');
    const element = this.#terminal.element;
    // Not on the page now: shown again when it is.
    if (screen === null || element === undefined || this.#host.clientWidth === 0) return;
    this.#terminal.options.fontSize = this.#basePx;
    this.#cell = this.#cellOf(screen) ?? this.#cell;
    this.#on = foreign && this.#cell !== null;
    const own = this.measure();
    const fits = own === null || (own.cols === this.#terminal.cols && own.rows === this.#terminal.rows);
    this.#host.classList.toggle('letterboxed', !fits);
    if (fits || this.#cell === null) {
      element.style.removeProperty('width');
      element.style.removeProperty('height');
      return;
    }
    const place = this.#place();
    let fontPx = fontThatFits(place, this.#terminal, this.#cell, this.#basePx);
    this.#terminal.options.fontSize = fontPx;
    // Cells are rounded to whole pixels of the screen, so the first guess may be a little too large.
    while (fontPx > MIN_FONT_PX && tooLarge(screen, place)) {
      fontPx -= STEP_PX;
      this.#terminal.options.fontSize = fontPx;
    }
    element.style.width = `${screen.offsetWidth + SCROLLBAR_PX}px`;
    element.style.height = `${screen.offsetHeight}px`;
  }

  #place(): Box {
    const { clientWidth, clientHeight } = this.#host;
    return { width: clientWidth - FRAME_PX, height: clientHeight - FRAME_PX - HINT_PX };
  }

  #cellOf(screen: HTMLElement): Box | null {
    const { cols, rows } = this.#terminal;
    const { offsetWidth, offsetHeight } = screen;
    return offsetWidth === 0 ? null : { width: offsetWidth / cols, height: offsetHeight / rows };
  }
}

function tooLarge(screen: HTMLElement, place: Box): boolean {
  return screen.offsetWidth + SCROLLBAR_PX > place.width || screen.offsetHeight > place.height;
}

function scaled(box: Box, factor: number): Box {
  return { width: box.width * factor, height: box.height * factor };
}
