import { charsetSequence } from './screen-charsets.ts';
import type { EmulatorState, ScreenBuffer } from './emulator-state.ts';
import { flatten, type FlatLook, lookSequence } from './screen-look.ts';

const TAB_WIDTH = 8;
const MOUSE_PROTOCOL = { X10: 9, VT200: 1000, DRAG: 1002, ANY: 1003 } as const;
const MOUSE_ENCODING = { SGR: 1006, SGR_PIXELS: 1016 } as const;
const CURSOR_STYLE = { block: 1, underline: 3, bar: 5 } as const;

/** Modes that move nothing and change no text already there. A fresh terminal has none of them. */
export function modesSequence(state: EmulatorState): string {
  const { coreService, coreMouseService, optionsService } = state;
  const { decPrivateModes: modes } = coreService;
  const on = (condition: boolean, sequence: string): string => (condition ? sequence : '');
  const { activeProtocol: mouse, activeEncoding: encoding } = coreMouseService;
  return [
    on(modes.applicationCursorKeys, '\x1b[?1h'),
    on(modes.applicationKeypad, '\x1b='),
    on(!modes.wraparound, '\x1b[?7l'),
    on(modes.reverseWraparound, '\x1b[?45h'),
    mouse === 'NONE' ? '' : `\x1b[?${MOUSE_PROTOCOL[mouse]}h`,
    encoding === 'DEFAULT' ? '' : `\x1b[?${MOUSE_ENCODING[encoding]}h`,
    on(modes.sendFocus, '\x1b[?1004h'),
    on(modes.bracketedPasteMode, '\x1b[?2004h'),
    on(optionsService.rawOptions.cursorBlink, '\x1b[?12h'),
    modes.cursorStyle === undefined
      ? ''
      : `\x1b[${CURSOR_STYLE[modes.cursorStyle] + (modes.cursorBlink === true ? 0 : 1)} q`,
    // These two are not what they are in a fresh terminal even after a reset.
    coreService.isCursorHidden ? '\x1b[?25l' : '\x1b[?25h',
    optionsService.rawOptions.convertEol ? '\x1b[20h' : '\x1b[20l',
    on(coreService.modes.insertMode, '\x1b[4h'),
    on(modes.synchronizedOutput, '\x1b[?2026h'),
  ].join('');
}

/** Window title and icon name, if there ever were any. */
export function titleSequence({ _inputHandler: handler }: EmulatorState): string {
  const icon = handler._iconName === '' ? '' : `\x1b]1;${handler._iconName}\x1b\\`;
  return handler._windowTitle === '' ? icon : `${icon}\x1b]2;${handler._windowTitle}\x1b\\`;
}

/** Tab stops and scroll region of the buffer that is shown. Moves the cursor. */
export function marginsSequence(buffer: ScreenBuffer, cols: number, rows: number): string {
  const columns = Array.from({ length: cols }, (_unused, column) => column);
  const set = columns.filter((column) => buffer.tabs[column] === true);
  const usual = columns.filter((column) => column % TAB_WIDTH === 0);
  const parts: string[] = [];
  if (set.join() !== usual.join()) parts.push('\x1b[3g', ...set.map((column) => `\x1b[${column + 1}G\x1bH`));
  const { scrollTop: top, scrollBottom: bottom } = buffer;
  if (top !== 0 || bottom !== rows - 1) parts.push(`\x1b[${top + 1};${bottom + 1}r`);
  return parts.join('');
}

/** What a saved cursor brings back. `look`: hyperlink and underline style are not saved. */
export interface SavedCursor {
  x: number;
  y: number;
  look: FlatLook;
}

export function savedCursor(buffer: ScreenBuffer, cols: number, rows: number): SavedCursor {
  const y = Math.min(rows - 1, Math.max(0, buffer.savedY - buffer.ybase));
  const look = { ...flatten(buffer.savedCurAttrData), extended: 0, link: 0 };
  return { x: Math.min(buffer.savedX, cols - 1), y, look };
}

/** Saves the cursor in the buffer that is shown as it was saved (DECSC). Moves the cursor, changes looks and sets. */
export function savedCursorSequence(buffer: ScreenBuffer, cols: number, rows: number): string {
  const { x, y, look } = savedCursor(buffer, cols, rows);
  const charset = buffer.savedCharset;
  if (x === 0 && y === 0 && look.fg === 0 && look.bg === 0 && charset === undefined) return '';
  return `${charsetSequence(charset)}${lookSequence(look)}\x1b[${y + 1};${x + 1}H\x1b7`;
}
