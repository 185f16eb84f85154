import { type ReactNode, useEffect, useId, useRef } from 'react';
import { IconButton } from './IconButton.tsx';

/**
 * A dialog over the page. It is there from when it is drawn; Esc and its cross close it, unless `busy`. What
 * has `data-first` has the focus at first.
 */
export function Dialog(props: { title: string; busy?: boolean; onClose: () => void; children: ReactNode }) {
  const { title, busy = false, onClose } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    dialog.current?.querySelector<HTMLElement>('[data-first]')?.focus();
    return () => {
      // A dialog that is taken away open does not give the focus back.
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        if (!busy) onClose();
      }}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <header>
        <h2 id={id}>{title}</h2>
        <IconButton icon="close" label="Close" disabled={busy} onClick={onClose} />
      </header>
      {props.children}
    </dialog>
  );
}
