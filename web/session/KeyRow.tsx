import { useState } from 'react';
import type { TerminalView } from '../terminal/terminal-view.ts';

const ESC = '\x1b';
/** Keys that the keyboards of phones lack, and what a terminal gets for them. */
const KEYS: { label: string; name: string; text: string; appText?: string }[] = [
  { label: 'Esc', name: 'Esc', text: ESC },
  { label: 'Tab', name: 'Tab', text: '\t' },
  { label: '↑', name: 'Up', text: `${ESC}[A`, appText: `${ESC}OA` },
  { label: '↓', name: 'Down', text: `${ESC}[B`, appText: `${ESC}OB` },
  { label: '←', name: 'Left', text: `${ESC}[D`, appText: `${ESC}OD` },
  { label: '→', name: 'Right', text: `${ESC}[C`, appText: `${ESC}OC` },
  { label: '|', name: 'Pipe', text: '|' },
  { label: '/', name: 'Slash', text: '/' },
  { label: '-', name: 'Dash', text: '-' },
];

/** A row of keys for touch screens. Ctrl holds for the next key. */
export function KeyRow({ view }: { view: () => TerminalView | undefined }) {
  const [held, setHeld] = useState(false);
  const press = (text: string, appText = text): void => {
    const terminal = view();
    terminal?.press(terminal.applicationCursor ? appText : text);
  };
  const hold = (): void => {
    const terminal = view();
    if (terminal === undefined) return;
    setHeld(!held);
    terminal.holdControl(held ? null : () => setHeld(false));
    terminal.focus();
  };
  return (
    <div className="key-row" role="toolbar" aria-label="Keys">
      <button aria-pressed={held} onClick={hold}>
        Ctrl
      </button>
      {KEYS.map(({ label, name, text, appText }) => (
        <button key={label} aria-label={name} onClick={() => press(text, appText)}>
          {label}
        </button>
      ))}
    </div>
  );
}
