import { useEffect, useRef, useState } from 'react';
import { Icon } from './Icon.tsx';
import { toast } from './toast.ts';

/** A secret that is shown this once, ready to be copied. `what`: what it is, as in “Copy the key”. */
export function SecretBox(props: { what: string; secret: string; children: string; onDone: () => void }) {
  const { what, secret } = props;
  const [copied, setCopied] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  const copy = async (): Promise<void> => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(secret);
      setCopied(true);
      toast(`Copied the ${what}.`);
    } catch {
      toast(`The browser does not let the page copy. The ${what} is selected: press Ctrl C.`);
    }
  };
  return (
    <div className="secret" role="group" aria-label={`New ${what}`}>
      <p>
        <Icon name="warning" /> {props.children}
      </p>
      <div className="secret-row">
        <input
          ref={field}
          readOnly
          value={secret}
          aria-label={`The ${what}`}
          spellCheck={false}
          onFocus={(event) => event.target.select()}
        />
        <button type="button" className="button primary" onClick={() => void copy()}>
          <Icon name={copied ? 'check' : 'copy'} /> {copied ? 'Copied' : 'Copy'}
        </button>
        <button type="button" className="button" onClick={props.onDone}>
          Done
        </button>
      </div>
    </div>
  );
}
