import { type FormEvent, useState } from 'react';
import { Scope } from '../../protocol/messages/scopes.ts';
import { Check, Field, Select } from '../ui/Field.tsx';
import { Problem } from '../ui/States.tsx';
import { useAction } from '../ui/use-loaded.ts';
import { KEY_LIVES, type KeyLife, SCOPE_WORDS } from './scopes.ts';

export interface WantedKey {
  name: string;
  scopes: Scope[];
  expiresInMs?: number;
}

/** What a new key is called, good for, and until when. `operator`: may make keys for the deployment as well. */
export function KeyForm(props: { operator: boolean; onCreate: (wanted: WantedKey) => Promise<void> }) {
  const [name, setName] = useState('');
  const [life, setLife] = useState<KeyLife>(KEY_LIVES[2][0]);
  const [scopes, setScopes] = useState<readonly Scope[]>(['sessions:read']);
  const { busy, error, run } = useAction();
  const offered = Scope.options.filter((scope) => scope !== 'operator' || props.operator);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const ends = life === 'never' ? {} : { expiresInMs: Number(life) };
    const done = await run(() => props.onCreate({ name: name.trim(), scopes: [...scopes], ...ends }));
    if (done) setName('');
  };

  return (
    <form onSubmit={(event) => void submit(event)}>
      <div className="form-grid">
        <Field label="Name" hint="What uses it, such as “deploy script”.">
          {(control) => (
            <input
              {...control}
              required
              maxLength={100}
              autoComplete="off"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Field label="Good for" hint={life === 'never' ? 'Revoke it when it is no longer used.' : undefined}>
          {(control) => <Select {...control} value={life} options={KEY_LIVES} onChoose={setLife} />}
        </Field>
      </div>
      <fieldset className="checks">
        <legend>What it may do, at most what you may</legend>
        {offered.map((scope) => (
          <Check
            key={scope}
            label={<code>{scope}</code>}
            hint={SCOPE_WORDS[scope]}
            checked={scopes.includes(scope)}
            onChange={(on) =>
              setScopes(offered.filter((each) => (each === scope ? on : scopes.includes(each))))
            }
          />
        ))}
      </fieldset>
      <div className="form-end">
        <Problem error={error} />
        <button className="button primary" disabled={busy || name.trim() === '' || scopes.length === 0}>
          {busy ? 'Making the key…' : 'Make the key'}
        </button>
      </div>
    </form>
  );
}
