import { useEffect, useRef } from 'react';
import { PREDICTION_SETTINGS } from '../../client/prediction/policy.ts';
import { SHORTCUTS } from '../session/shortcuts.ts';
import { changeSettings, useSettings } from './settings.ts';

/** Keyboard shortcuts, and settings that are rarely changed. */
export default function HelpDialog({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { screenReader, prediction } = useSettings();
  useEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    return () => {
      // F1 takes it away open, and then it does not give the focus back.
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    <dialog ref={dialog} className="help" aria-labelledby="help-title" onClose={onClose}>
      <h2 id="help-title">Keyboard shortcuts</h2>
      <dl>
        {SHORTCUTS.map(({ keys, label }) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{label}</dd>
          </div>
        ))}
      </dl>
      <label className="check">
        <input
          type="checkbox"
          checked={screenReader}
          onChange={(event) => changeSettings({ screenReader: event.target.checked })}
        />
        Screen reader support in terminals
      </label>
      <label className="choice">
        Show keys before the server echoes them
        <select
          data-testid="prediction"
          value={prediction}
          onChange={({ target }) => {
            const chosen = PREDICTION_SETTINGS.find((setting) => setting === target.value);
            if (chosen !== undefined) changeSettings({ prediction: chosen });
          }}
        >
          <option value="auto">when the connection is slow</option>
          <option value="always">always</option>
          <option value="off">never</option>
        </select>
      </label>
      <p className="help-links">
        <a href="/docs">API documentation</a>
      </p>
      <form method="dialog">
        <button className="button">Close</button>
      </form>
    </dialog>
  );
}
