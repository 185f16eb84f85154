import { FitAddon } from '@xterm/addon-fit';
import type { SearchAddon } from '@xterm/addon-search';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import type { TerminalSink, TerminalStream } from '../../client/index.ts';
import { StreamAddon } from '../../client/xterm/stream-addon.ts';
import { PredictionAddon } from '../../client/prediction/xterm-overlay.ts';
import { RESIZE_DEBOUNCE_MS, SNAPSHOT_SCROLLBACK_LINES } from '../../protocol/limits.ts';
import type { TerminalExit, TerminalSize } from '../../protocol/messages/session.ts';
import { isDark, onSettings, settings } from '../settings/settings.ts';
import { isSettingsKey, shortcutOf } from '../session/shortcuts.ts';
import { loadLateAddons } from './late-addons.ts';
import { Letterbox } from './letterbox.ts';
import { quietReplies } from './quiet-replies.ts';
import { DARK, LIGHT } from './themes.ts';

const FONT = '"JetBrains Mono", "Cascadia Code", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';
const SCROLLBACK_LINES = 10 * SNAPSHOT_SCROLLBACK_LINES;

/** What a view tells its owner. */
export interface ViewEvents {
  title(title: string): void;
  exited(exit: TerminalExit): void;
  focused(): void;
  /** A key was pressed; `typed`: it went to the program, which it does not for who only watches. */
  key(typed: boolean): void;
  /** The terminal was scrolled, or may have been. */
  scrolled(): void;
  /** A paste too large to queue, say. */
  notice(text: string): void;
}

/**
 * One xterm.js terminal bound to one stream. It lives outside React: panes only lend it a place in the page, so moving a
 * terminal between tabs and splits loses nothing.
 */
export class TerminalView {
  readonly element = document.createElement('div');
  readonly terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #stream: StreamAddon;
  readonly #prediction = new PredictionAddon(settings().prediction);
  /** Where the output of its stream goes. */
  readonly sink: TerminalSink;
  readonly #events: ViewEvents;
  readonly #stopSettings: () => void;
  readonly #resizes: ResizeObserver;
  readonly #letterbox: Letterbox;
  /** The size follows somebody else's window. */
  #foreign = false;
  /** The size last told, null when hidden; and the last one while it could be seen. */
  #toldSize: TerminalSize | null = null;
  #seenSize: TerminalSize | null = null;
  #opened = false;
  #disposed = false;
  #controlUsed: (() => void) | null = null;
  #resizeTimer: ReturnType<typeof setTimeout> | null = null;
  #search: Promise<SearchAddon> | null = null;

  constructor(events: ViewEvents) {
    this.#events = events;
    this.#stream = new StreamAddon({
      transform: (text) => this.#withControl(text),
      exited: (exit) => events.exited(exit),
      refused: () => {
        if (this.stream?.mayType !== false) events.notice('Too much is waiting to be typed; this was not.');
      },
    });
    this.element.className = 'terminal-host';
    this.terminal = new Terminal({
      allowProposedApi: true,
      cursorBlink: true,
      fontFamily: FONT,
      macOptionIsMeta: true,
      // Programs choose pairs of colours for a dark terminal; WCAG AA asks for 4.5 in a light one as well.
      minimumContrastRatio: 4.5,
      scrollback: SCROLLBACK_LINES,
    });
    this.#letterbox = new Letterbox(this.terminal, this.element, settings().fontSizePx);
    this.#applySettings();
    quietReplies(this.terminal, () => this.#foreign);
    this.terminal.loadAddon(this.#stream);
    this.terminal.loadAddon(this.#prediction);
    this.sink = this.#prediction.sink(this.#stream.sink);
    this.terminal.loadAddon(this.#fit);
    this.terminal.loadAddon(new Unicode11Addon());
    this.terminal.unicode.activeVersion = '11';
    this.terminal.onTitleChange((title) => events.title(title));
    this.terminal.onKey(() => events.key(this.stream?.mayType !== false));
    // Drawn at its new size by then.
    this.terminal.onResize(() => requestAnimationFrame(() => this.#letterbox.show(this.#foreign)));
    this.terminal.onScroll(() => events.scrolled());
    for (const type of ['wheel', 'keyup', 'pointerup', 'touchmove']) {
      this.element.addEventListener(type, () => requestAnimationFrame(() => events.scrolled()), {
        ...{ passive: true, capture: true },
      });
    }
    // Shortcuts of the page bubble up to it; everything else is the program's.
    this.terminal.attachCustomKeyEventHandler(
      (event) => shortcutOf(event) === null && !isSettingsKey(event) && event.code !== 'F1',
    );
    this.#stopSettings = onSettings(() => this.#applySettings());
    this.#resizes = new ResizeObserver(() => this.scheduleFit());
  }

  /** From now on keys go to this stream. Its output comes through {@link sink}. */
  bind(stream: TerminalStream): void {
    this.#stream.bind(stream);
    this.#prediction.bind(stream);
    this.#toldSize = null;
    this.fitNow();
  }

  get stream(): TerminalStream | null {
    return this.#stream.stream;
  }

  /** Shows the terminal in this place; the one before, if any, is left. */
  mount(place: HTMLElement): void {
    place.append(this.element);
    if (!this.#opened) {
      this.#opened = true;
      this.terminal.open(this.element);
      this.terminal.textarea?.addEventListener('focus', () => {
        this.#events.focused();
        this.scheduleFit();
      });
      void loadLateAddons(this.terminal, () => this.#disposed);
    }
    this.#resizes.observe(this.element);
    this.#letterbox.show(this.#foreign);
    this.fitNow();
  }

  unmount(): void {
    this.#resizes.disconnect();
    this.element.remove();
    this.fitNow();
  }

  focus(): void {
    this.terminal.focus();
  }

  /** The size follows somebody else's window (the terminal is shown whole, framed), or this one. */
  setForeign(foreign: boolean): void {
    if (foreign === this.#foreign) return;
    this.#foreign = foreign;
    this.#letterbox.show(foreign);
    // Cells may have another size now, which is known once they are drawn.
    this.scheduleFit();
  }

  /** Asks that the terminal have the size of this window. */
  takeSize(): void {
    this.stream?.takeSize();
    this.focus();
  }

  /** Lines the screen is scrolled up from the newest. */
  get scrollLines(): number {
    const { baseY, viewportY } = this.terminal.buffer.active;
    return baseY - viewportY;
  }

  scrollTo(lines: number): void {
    this.terminal.scrollToLine(Math.max(0, this.terminal.buffer.active.baseY - lines));
  }

  /** The size that fills its place; null while it has none. */
  measure(): TerminalSize | null {
    if (!this.element.isConnected) return null;
    if (this.#foreign) return this.#letterbox.measure();
    const size = this.#fit.proposeDimensions();
    return size === undefined || !(size.cols > 1) || !(size.rows > 1)
      ? null
      : { cols: size.cols, rows: size.rows };
  }

  /** Asks for the size that fills its place, a moment after the last call. */
  scheduleFit(): void {
    if (this.#resizeTimer !== null) clearTimeout(this.#resizeTimer);
    this.#resizeTimer = setTimeout(() => {
      if (this.#foreign) this.#letterbox.show(true);
      this.fitNow();
    }, RESIZE_DEBOUNCE_MS);
  }

  /**
   * Tells the session the size of this window, or that it cannot be seen. The program's size is decided by the session;
   * the screen follows when it says so.
   */
  fitNow(): void {
    const { stream } = this;
    if (stream === null) return;
    const size = document.visibilityState === 'visible' ? this.measure() : null;
    if (size !== null && (size.cols !== this.#toldSize?.cols || size.rows !== this.#toldSize.rows)) {
      stream.resize(size);
      this.#seenSize = size;
    } else if (size === null && this.#toldSize !== null && this.#seenSize !== null) {
      stream.resize(this.#seenSize, false);
    }
    this.#toldSize = size;
  }

  copy(): void {
    const text = this.terminal.getSelection();
    if (text !== '')
      void navigator.clipboard
        .writeText(text)
        .catch(() => this.#events.notice('The browser did not allow copying.'));
  }

  paste(): void {
    navigator.clipboard.readText().then(
      (text) => this.terminal.paste(text),
      () => this.#events.notice('The browser did not allow pasting. Use its own paste key.'),
    );
  }

  /** Types as if the keys were pressed: for the key row of phones. */
  press(text: string): void {
    this.terminal.input(text, true);
    this.focus();
  }

  /** The next letter is typed with Ctrl; `used` is called then. Null: no longer. */
  holdControl(used: (() => void) | null): void {
    this.#controlUsed = used;
  }

  /** Whether the program wants the arrow keys in their application form (DECCKM). */
  get applicationCursor(): boolean {
    return this.terminal.modes.applicationCursorKeysMode;
  }

  /** Finds text, selecting it; `back` upwards. False when there is none. */
  async find(text: string, back: boolean): Promise<boolean> {
    this.#search ??= this.#loadSearch();
    const search = await this.#search;
    return back ? search.findPrevious(text) : search.findNext(text, { incremental: true });
  }

  /** All text of the screen and its scrollback. */
  text(): string {
    const { buffer } = this.terminal;
    const lines = [];
    for (let y = 0; y < buffer.active.length; y++)
      lines.push(buffer.active.getLine(y)?.translateToString(true) ?? '');
    return lines.join('\n').trimEnd();
  }

  dispose(): void {
    this.#disposed = true;
    if (this.#resizeTimer !== null) clearTimeout(this.#resizeTimer);
    this.#stopSettings();
    this.unmount();
    this.terminal.dispose();
  }

  #withControl(text: string): string {
    if (this.#controlUsed === null || !/^[@-_a-z]$/.test(text)) return text;
    this.#controlUsed();
    this.#controlUsed = null;
    return String.fromCharCode(text.toUpperCase().charCodeAt(0) & 0x1f);
  }

  #applySettings(): void {
    const { fontSizePx, screenReader, prediction } = settings();
    this.#prediction.setting = prediction;
    this.#letterbox.setBase(fontSizePx);
    this.terminal.options.theme = isDark() ? DARK : LIGHT;
    this.terminal.options.screenReaderMode = screenReader;
    this.scheduleFit();
  }

  async #loadSearch(): Promise<SearchAddon> {
    const { SearchAddon: Addon } = await import('@xterm/addon-search');
    const addon = new Addon();
    this.terminal.loadAddon(addon);
    return addon;
  }
}
