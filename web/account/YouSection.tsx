import { type FormEvent, useState } from 'react';
import { type Account, MAX_DISPLAY_NAME_CHARS } from '../../protocol/messages/account.ts';
import { account, signOut } from '../app/account-api.ts';
import { Field } from '../ui/Field.tsx';
import { Section } from '../ui/Page.tsx';
import { Problem } from '../ui/States.tsx';
import { toast } from '../ui/toast.ts';
import { useAction } from '../ui/use-loaded.ts';

/** What one is called, and the way out. `onChange` gets the account as it is after a change. */
export function YouSection(props: { of: Account; operator: boolean; onChange: (changed: Account) => void }) {
  const { of, operator, onChange } = props;
  const { busy, error, run } = useAction();
  return (
    <Section
      title="You"
      actions={
        <button type="button" className="button" disabled={busy} onClick={() => void run(signOut)}>
          Sign out
        </button>
      }
    >
      <Problem error={error} />
      <NameForm key={of.displayName} of={of} onChange={onChange} />
      <dl className="facts">
        <div>
          <dt>User id</dt>
          <dd className="mono">{of.userId}</dd>
        </div>
        {operator && (
          <div>
            <dt>Operator</dt>
            <dd>of this deployment: hosts and metrics</dd>
          </div>
        )}
      </dl>
    </Section>
  );
}

function NameForm({ of, onChange }: { of: Account; onChange: (changed: Account) => void }) {
  const { displayName, chosenName, signInName } = of;
  const [text, setText] = useState(displayName);
  const { busy, error, run } = useAction();
  const rename = (name: string | null): void =>
    void run(async () => {
      const changed = await account.rename(name);
      onChange(changed);
      toast(`You are called ${changed.displayName} now.`);
    });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    rename(text);
  };
  return (
    <form onSubmit={submit}>
      <Field
        label="Name"
        hint={
          chosenName === null
            ? 'What others see beside you, from your sign-in. A name you choose here stays, whatever your sign-in says.'
            : 'What others see beside you. People in a session with you see a change when you next connect.'
        }
      >
        {(control) => (
          <span className="input-row">
            <input
              {...control}
              required
              maxLength={MAX_DISPLAY_NAME_CHARS}
              autoComplete="name"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
            <button className="button" disabled={busy || text.trim() === '' || text.trim() === displayName}>
              Change
            </button>
          </span>
        )}
      </Field>
      {chosenName !== null && signInName !== null && (
        <button type="button" className="button small name-back" disabled={busy} onClick={() => rename(null)}>
          Use the name of your sign-in again: {signInName}
        </button>
      )}
      <Problem error={error} />
    </form>
  );
}
