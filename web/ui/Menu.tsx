import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { Icon } from './Icon.tsx';

/** A line of a menu. `checked` absent: it is not one of a choice. */
export interface MenuItem {
  key: string;
  label: string;
  /** Smaller, behind the label. */
  note?: string;
  checked?: boolean;
  /** A line is drawn above it. */
  apart?: boolean;
  onChoose: () => void;
}

/** A button that opens a menu: arrows, Home and End move, Enter chooses, Esc closes and gives the focus back. */
export function Menu(props: { label: string; items: readonly MenuItem[]; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!open) return;
    const chosen =
      menu.current?.querySelector<HTMLElement>('[aria-checked=true]') ?? itemsOf(menu.current)[0];
    chosen?.focus();
    const outside = (event: PointerEvent): void => {
      const { target } = event;
      if (target instanceof Node && menu.current?.parentElement?.contains(target) === false) setOpen(false);
    };
    window.addEventListener('pointerdown', outside);
    return () => window.removeEventListener('pointerdown', outside);
  }, [open]);

  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') close();
    else if (event.key === 'Tab') setOpen(false);
    else if (!moveFocus(itemsOf(menu.current), event.key)) return;
    if (event.key === 'Tab') return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="menu-holder">
      <button
        ref={button}
        type="button"
        className="menu-opener"
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={props.label}
        onClick={() => setOpen(!open)}
      >
        {props.children}
        <Icon name="down" />
      </button>
      {open && (
        <div ref={menu} className="menu" role="menu" tabIndex={-1} aria-label={props.label} onKeyDown={onKey}>
          {props.items.map(({ key, label, note, checked, apart = false, onChoose }) => (
            <button
              key={key}
              type="button"
              role={checked === undefined ? 'menuitem' : 'menuitemradio'}
              {...(checked === undefined ? {} : { 'aria-checked': checked })}
              data-apart={apart}
              tabIndex={-1}
              onClick={() => {
                close();
                onChoose();
              }}
            >
              <span className="menu-label">{label}</span>
              {note !== undefined && <span className="hint">{note}</span>}
              {checked === true && <Icon name="check" />}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

function itemsOf(menu: HTMLElement | null): HTMLElement[] {
  return [...(menu?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])];
}

/** Whether the key was one that moves. */
function moveFocus(items: HTMLElement[], key: string): boolean {
  const at = items.findIndex((item) => item === document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[key];
  if (to === undefined) return false;
  items.at(to % items.length)?.focus();
  return true;
}
