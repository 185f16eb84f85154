import type { TerminalSink } from '../stream-port.ts';
import type { TerminalStream } from '../terminal-stream.ts';
import { cssColors, type ThemeColors } from './colors.ts';
import type { Overlay, OverlayCell } from './overlay.ts';
import type { PredictionSetting } from './policy.ts';
import { PredictiveEcho } from './predictive-echo.ts';
import { type XtermLike, XtermScreen } from './xterm-screen.ts';

/** What the add-on needs of a terminal besides its screen; the `Terminal` of `@xterm/xterm` is one. */
export interface OverlaidTerminal extends XtermLike {
  readonly element: HTMLElement | undefined;
  readonly options: {
    readonly fontFamily?: string;
    readonly fontSize?: number;
    readonly fontWeight?: string | number;
    readonly fontWeightBold?: string | number;
    readonly theme?: ThemeColors;
  };
  onRender(listener: () => void): { dispose(): void };
}

/** Class of the layer, for pages that want to find it. */
export const LAYER_CLASS = 'xterm-prediction';
/** Above the canvases and the selection, below what takes the keyboard. */
const LAYER_STYLE = 'position:absolute;inset:0;pointer-events:none;z-index:3;overflow:hidden';

/**
 * Predictive echo for an xterm.js terminal in a page: predicted cells and the cursor are drawn in a layer over the screen,
 * whatever renderer draws that. The terminal itself is never written to, so it always is what the server made it.
 *
 * In: `terminal.loadAddon(addon)`; open or attach with `addon.sink(sink)`; `addon.bind(stream)`.
 */
export class PredictionAddon {
  #terminal: OverlaidTerminal | null = null;
  #echo: PredictiveEcho | null = null;
  #setting: PredictionSetting;
  #layer: HTMLElement | null = null;
  #rendered: { dispose(): void } | null = null;
  #overlay: Overlay | null = null;

  constructor(setting: PredictionSetting = 'auto') {
    this.#setting = setting;
  }

  /** Called by `terminal.loadAddon`. */
  activate(terminal: OverlaidTerminal): void {
    this.#terminal = terminal;
    this.#echo = new PredictiveEcho(new XtermScreen(terminal), this.#setting, (overlay) => {
      this.#overlay = overlay;
      this.#draw();
    });
    // Scrolled, resized, or of another colour: where and how cells are drawn may have changed.
    this.#rendered = terminal.onRender(() => {
      if (this.#overlay !== null) this.#echo?.refresh();
    });
  }

  set setting(setting: PredictionSetting) {
    this.#setting = setting;
    if (this.#echo !== null) this.#echo.setting = setting;
  }

  /** The sink to open or attach with, in place of the terminal's own. */
  sink(inner: TerminalSink): TerminalSink {
    if (this.#echo === null)
      throw new Error('Load the add-on into a terminal first: terminal.loadAddon(addon).');
    return this.#echo.sink(inner);
  }

  bind(stream: TerminalStream): void {
    this.#echo?.bind(stream);
  }

  /** Called by the terminal's own `dispose`. */
  dispose(): void {
    this.#echo?.dispose();
    this.#rendered?.dispose();
    this.#layer?.remove();
  }

  #draw(): void {
    const terminal = this.#terminal;
    const place = terminal?.element?.querySelector<HTMLElement>('.xterm-screen') ?? null;
    if (terminal === null || place === null) return;
    const overlay = this.#overlay;
    if (overlay === null) return this.#layer?.replaceChildren();
    this.#layer ??= makeLayer();
    if (this.#layer.parentElement !== place) place.append(this.#layer);
    const { width, height } = place.getBoundingClientRect();
    const cell = { width: width / terminal.cols, height: height / terminal.rows };
    this.#layer.style.fontFamily = terminal.options.fontFamily ?? 'monospace';
    this.#layer.style.fontSize = `${terminal.options.fontSize ?? 15}px`;
    this.#layer.style.lineHeight = `${cell.height}px`;
    this.#layer.replaceChildren(
      ...cellsOf(terminal, overlay).map((each) => this.#element(each, overlay, cell, terminal)),
    );
  }

  #element(
    each: OverlayCell,
    overlay: Overlay,
    cell: { width: number; height: number },
    { options, element }: OverlaidTerminal,
  ): HTMLElement {
    const { theme = {}, fontWeight = 'normal', fontWeightBold = 'bold' } = options;
    const span = document.createElement('span');
    const { style } = span;
    const { text, behind } = cssColors(each.style, theme);
    const predicted = overlay.cells.includes(each);
    span.textContent = each.text;
    span.dataset['x'] = String(each.x);
    if (predicted) span.dataset['predicted'] = '';
    style.cssText = 'position:absolute;white-space:pre;text-align:center;overflow:hidden';
    style.left = `${each.x * cell.width}px`;
    style.top = `${overlay.y * cell.height}px`;
    style.width = `${Math.max(1, each.width) * cell.width}px`;
    style.height = `${cell.height}px`;
    style.color = text;
    style.backgroundColor = behind;
    style.fontWeight = String(each.style.bold ? fontWeightBold : fontWeight);
    if (each.style.italic) style.fontStyle = 'italic';
    if (each.style.underline || (predicted && overlay.underline)) style.textDecoration = 'underline';
    if (each.x !== overlay.x) return span;
    span.dataset['cursor'] = '';
    const cursor = theme.cursor ?? theme.foreground ?? '#ffffff';
    if (element?.classList.contains('focus') === true) {
      style.backgroundColor = cursor;
      style.color = theme.cursorAccent ?? theme.background ?? '#000000';
    } else style.boxShadow = `inset 0 0 0 1px ${cursor}`;
    return span;
  }
}

/** The predicted cells, what the server's own cursor stands on (it is covered), and what ours stands on. */
function cellsOf(terminal: XtermLike, { cells, x, y }: Overlay): OverlayCell[] {
  const screen = new XtermScreen(terminal);
  const row = screen.row(y);
  const shown = new Set(cells.map((cell) => cell.x));
  const all = [...cells];
  for (const at of new Set([screen.cursor.x, x])) {
    const cell = row[at];
    if (cell !== undefined && cell.width > 0 && !shown.has(at)) all.push({ x: at, ...cell });
  }
  return all;
}

function makeLayer(): HTMLElement {
  const layer = document.createElement('div');
  layer.className = LAYER_CLASS;
  layer.setAttribute('aria-hidden', 'true');
  layer.style.cssText = LAYER_STYLE;
  return layer;
}
