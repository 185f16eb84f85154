import { type FormEvent, type ReactNode, useState } from 'react';
import { Dialog } from './Dialog.tsx';
import { Field } from './Field.tsx';
import { Problem } from './States.tsx';
import { useAction } from './use-loaded.ts';

/** What is asked before something is done that cannot be taken back. */
export interface Question {
  title: string;
  /** What will happen, plainly. */
  body: ReactNode;
  /** On the button. */
  action: string;
  /** A name that has to be typed first. */
  typed?: string;
  /** Throws what the dialog then shows; it stays open. */
  onConfirm: () => Promise<void>;
}

/** Asks, and does it. The safe button has the focus. */
export function Confirm({ question, onClose }: { question: Question; onClose: () => void }) {
  const { title, body, action, typed } = question;
  const [text, setText] = useState('');
  const { busy, error, run } = useAction();
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (typed !== undefined && text.trim() !== typed) return;
    if (await run(question.onConfirm)) onClose();
  };
  return (
    <Dialog title={title} busy={busy} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <div className="dialog-body">{body}</div>
        {typed !== undefined && (
          <Field label={`Type “${typed}” to go on`}>
            {(control) => (
              <input
                {...control}
                autoComplete="off"
                data-first
                spellCheck={false}
                value={text}
                onChange={(event) => setText(event.target.value)}
              />
            )}
          </Field>
        )}
        <Problem error={error} />
        <footer className="dialog-buttons">
          <button
            type="button"
            className="button"
            disabled={busy}
            {...(typed === undefined ? { 'data-first': true } : {})}
            onClick={onClose}
          >
            Cancel
          </button>
          <button className="button danger" disabled={busy || (typed !== undefined && text.trim() !== typed)}>
            {busy ? 'Working…' : action}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
