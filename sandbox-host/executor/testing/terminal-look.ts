import unicode11 from '@xterm/addon-unicode11';
import headless from '@xterm/headless';
import { SNAPSHOT_SCROLLBACK_LINES } from '../../../protocol/limits.ts';
import type { TerminalSize } from '../../../protocol/messages/session.ts';
import { type EmulatorState, Flag, newCell, type ScreenBuffer, stateOf } from '../emulator-state.ts';
import { flatten, flattenPen } from '../screen-look.ts';

/** An empty terminal as viewers have it, with the scrollback that snapshots carry. */
export function blankTerminal(size: TerminalSize): headless.Terminal {
  const terminal = new headless.Terminal({
    ...size,
    scrollback: SNAPSHOT_SCROLLBACK_LINES,
    allowProposedApi: true,
    logLevel: 'off',
  });
  terminal.loadAddon(new unicode11.Unicode11Addon() as unknown as headless.ITerminalAddon);
  terminal.unicode.activeVersion = '11';
  return terminal;
}

export function writeTo(terminal: headless.Terminal, bytes: Uint8Array | string): Promise<void> {
  return new Promise((resolve) => terminal.write(bytes, resolve));
}

/** Everything a person can see of a terminal or a program can find out from it, now or later. */
export function everythingOf(terminal: headless.Terminal): unknown {
  const state = stateOf(terminal);
  const { active, normal, alt } = state._bufferService.buffers;
  const { coreService, coreMouseService, _charsetService: charsets, _inputHandler: handler } = state;
  return {
    size: [terminal.cols, terminal.rows],
    shown: active === alt ? 'alternate' : 'normal',
    normal: bufferLook(normal, state),
    alternate: active === alt ? bufferLook(alt, state) : savedLook(alt, terminal),
    cursor: [active.x, active.y],
    hidden: coreService.isCursorHidden,
    modes: { ...coreService.modes, ...coreService.decPrivateModes },
    mouse: [coreMouseService.activeProtocol, coreMouseService.activeEncoding],
    options: [state.optionsService.rawOptions.convertEol, state.optionsService.rawOptions.cursorBlink],
    charset: charsets.charset ?? null,
    titles: [handler._windowTitle, handler._iconName],
    pen: { ...flattenPen(handler._curAttrData), link: undefined },
    link: state._oscLinkService.getLinkData(handler._curAttrData.extended.urlId)?.uri ?? null,
    parser: handler._parser.currentState,
    repeats: handler._parser.precedingJoinState,
  };
}

function bufferLook(buffer: ScreenBuffer, state: EmulatorState): unknown {
  const { cols } = state._bufferService;
  const tabs = Object.keys(buffer.tabs).filter(
    (column) => Number(column) < cols && buffer.tabs[Number(column)] === true,
  );
  const lines = Array.from({ length: buffer.lines.length }, (_unused, index) =>
    lineLook(buffer, index, state),
  );
  return {
    lines,
    ybase: buffer.ybase,
    margins: [buffer.scrollTop, buffer.scrollBottom],
    tabs,
    ...savedLook(buffer, state._bufferService),
  };
}

function savedLook(buffer: ScreenBuffer, { cols, rows }: TerminalSize): object {
  const y = Math.min(rows - 1, Math.max(0, buffer.savedY - buffer.ybase));
  const { fg, bg } = flatten(buffer.savedCurAttrData);
  const saved = [Math.min(buffer.savedX, cols - 1), y, fg, bg, buffer.savedCharset ?? null];
  return { saved };
}

/** Cells by column; where nothing can be seen nothing is told. */
function lineLook(buffer: ScreenBuffer, index: number, state: EmulatorState): unknown {
  const line = buffer.lines.get(index);
  const { cols } = state._bufferService;
  const cell = newCell(buffer);
  const cells: Record<number, unknown> = {};
  for (let column = 0; column < cols; column++) {
    line?.loadCell(column, cell);
    const look = flatten(cell);
    const text = cell.getChars();
    const width = cell.getWidth();
    const cut = width === 2 && column === cols - 1;
    if (text === '' || text === ' ' || cut) {
      const shows =
        (look.fg & (Flag.Inverse | Flag.Underline | Flag.Strikethrough)) !== 0 ||
        (look.bg & Flag.Overline) !== 0;
      if (shows && !cut) cells[column] = { ...look, link: state._oscLinkService.getLinkData(look.link)?.uri };
      else if ((look.bg & Flag.Colour) !== 0) cells[column] = look.bg & Flag.Colour;
    } else {
      const link = state._oscLinkService.getLinkData(look.link)?.uri;
      cells[column] = { text, width, ...look, link };
    }
    if (width === 2 && !cut) column += 1;
  }
  return { wrapped: index > 0 && line?.isWrapped === true, cells };
}
