import { type KeyboardEvent, useRef, useState } from 'react';
import { IconButton } from '../ui/IconButton.tsx';

/** Finds text in the terminal that has the keyboard. Enter: further up; Shift Enter: down again; Escape: done. */
export default function FindBar(props: {
  find: (text: string, back: boolean) => Promise<boolean>;
  onClose: () => void;
}) {
  const [text, setText] = useState('');
  const [missing, setMissing] = useState(false);
  const latest = useRef(0);
  const find = (wanted: string, back: boolean): void => {
    const search = ++latest.current;
    void props.find(wanted, back).then((found) => {
      if (search === latest.current) setMissing(!found && wanted !== '');
    });
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') props.onClose();
    if (event.key === 'Enter') find(text, !event.shiftKey);
  };
  return (
    <div className="find-bar" role="search">
      <input
        autoFocus
        type="text"
        aria-label="Find in the terminal"
        placeholder="Find"
        value={text}
        aria-invalid={missing}
        onKeyDown={onKey}
        onChange={(event) => {
          setText(event.target.value);
          find(event.target.value, true);
        }}
      />
      <span role="status" className="hint">
        {missing ? 'Not found' : ''}
      </span>
      <IconButton icon="up" label="Previous" hint="Enter" onClick={() => find(text, true)} />
      <IconButton icon="down" label="Next" hint="Shift Enter" onClick={() => find(text, false)} />
      <IconButton icon="close" label="Close" hint="Escape" onClick={props.onClose} />
    </div>
  );
}
