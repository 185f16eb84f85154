/** What a shortcut does. */
export type Action =
  | {
      kind:
        | 'new-terminal'
        | 'split-right'
        | 'split-down'
        | 'close'
        | 'find'
        | 'copy'
        | 'paste'
        | 'next'
        | 'previous'
        | 'people'
        | 'follow';
    }
  | { kind: 'tab'; index: number }
  | { kind: 'font'; change: number };

type KeyPress = Pick<KeyboardEvent, 'code' | 'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey'>;

/** For the help dialog. F1 is the page's. */
export const SHORTCUTS = [
  { keys: 'Alt Shift N', label: 'New terminal' },
  { keys: 'Alt Shift R', label: 'Split to the right' },
  { keys: 'Alt Shift D', label: 'Split downwards' },
  { keys: 'Alt Shift W', label: 'Close this terminal' },
  { keys: 'Alt Shift ← →', label: 'Previous or next terminal of the tab' },
  { keys: 'Alt Shift 1–9', label: 'Go to tab' },
  { keys: 'Alt Shift P', label: 'People: who is here, share the session' },
  { keys: 'Alt Shift F', label: 'Follow somebody, or stop; typing and Esc stop too' },
  { keys: 'Ctrl Shift F', label: 'Find in the terminal' },
  { keys: 'Ctrl Shift C / V', label: 'Copy, paste' },
  { keys: 'Ctrl + − 0', label: 'Text larger, smaller, as usual' },
  { keys: 'Alt Shift S', label: 'Settings: account, keys, workspace, audit log; again or Esc: back' },
  { keys: 'F1', label: 'This help' },
] as const;

const WITH_ALT: Record<string, Action> = {
  KeyN: { kind: 'new-terminal' },
  KeyR: { kind: 'split-right' },
  KeyD: { kind: 'split-down' },
  KeyW: { kind: 'close' },
  KeyP: { kind: 'people' },
  KeyF: { kind: 'follow' },
  ArrowRight: { kind: 'next' },
  ArrowLeft: { kind: 'previous' },
};
const WITH_CONTROL_SHIFT: Record<string, Action> = {
  KeyF: { kind: 'find' },
  KeyC: { kind: 'copy' },
  KeyV: { kind: 'paste' },
};
const FONT: Record<string, number> = { Equal: 1, NumpadAdd: 1, Minus: -1, NumpadSubtract: -1, Digit0: 0 };

/** Whether a key press leads to the settings, or back: on every page. */
export function isSettingsKey(event: KeyPress): boolean {
  return event.code === 'KeyS' && event.altKey && event.shiftKey && !event.ctrlKey && !event.metaKey;
}

/** The action of a key press, or null: then it belongs to the terminal. Keys by place (`code`), not by layout. */
export function shortcutOf(event: KeyPress): Action | null {
  const { code, altKey, shiftKey } = event;
  const control = event.ctrlKey || event.metaKey;
  if (altKey && shiftKey && !control) {
    const digit = /^Digit([1-9])$/.exec(code)?.[1];
    return digit === undefined ? (WITH_ALT[code] ?? null) : { kind: 'tab', index: Number(digit) - 1 };
  }
  if (control && shiftKey && !altKey && WITH_CONTROL_SHIFT[code] !== undefined)
    return WITH_CONTROL_SHIFT[code];
  if (control && !altKey && FONT[code] !== undefined) return { kind: 'font', change: FONT[code] };
  return null;
}
