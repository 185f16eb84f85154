import { type FormEvent, useState } from 'react';
import type { NewInvitation } from '../../client/api-invitations.ts';
import { MAX_INVITATION_USES } from '../../protocol/limits.ts';
import { InvitedRole } from '../../protocol/messages/invitation.ts';
import { Field, Select } from '../ui/Field.tsx';
import { Problem } from '../ui/States.tsx';
import { useAction } from '../ui/use-loaded.ts';
import { type Lifetime, LIFETIMES, looksLikeEmail } from './invitations.ts';
import { ROLE_WORDS } from './roles.ts';

/** Whom to invite, as what, for how long. */
export function InviteForm({ onInvite }: { onInvite: (input: NewInvitation) => Promise<void> }) {
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<InvitedRole>('member');
  const [lifetime, setLifetime] = useState<Lifetime>(LIFETIMES[2][0]);
  const [maxUses, setMaxUses] = useState(1);
  const [wrong, setWrong] = useState(false);
  const { busy, error, run } = useAction();
  const open = email.trim() === '';

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!open && !looksLikeEmail(email)) return setWrong(true);
    const whom = open ? { maxUses } : { email: email.trim() };
    if (await run(() => onInvite({ ...whom, role, lifetimeMs: Number(lifetime) }))) setEmail('');
  };

  return (
    <form className="form-grid" onSubmit={(event) => void submit(event)}>
      <Field
        label="Email address"
        hint="Only who signs in with it may come. Empty: whoever has the link."
        error={wrong ? 'Enter an address such as ada@example.org, or none.' : null}
      >
        {(control) => (
          <input
            {...control}
            type="text"
            inputMode="email"
            autoComplete="off"
            value={email}
            onChange={(event) => {
              setEmail(event.target.value);
              setWrong(false);
            }}
          />
        )}
      </Field>
      <Field label="Role" hint={ROLE_WORDS[role]}>
        {(control) => (
          <Select
            {...control}
            value={role}
            options={InvitedRole.options.map((each) => [each, each] as const)}
            onChoose={setRole}
          />
        )}
      </Field>
      <Field label="Good for">
        {(control) => <Select {...control} value={lifetime} options={LIFETIMES} onChoose={setLifetime} />}
      </Field>
      <Field label="Uses" hint={open ? 'How many people may come by it.' : 'An address comes once.'}>
        {(control) => (
          <input
            {...control}
            type="number"
            min={1}
            max={MAX_INVITATION_USES}
            disabled={!open}
            value={open ? maxUses : 1}
            onChange={(event) => setMaxUses(Number(event.target.value))}
          />
        )}
      </Field>
      <div className="form-end">
        <Problem error={error} />
        <button className="button primary" disabled={busy}>
          {busy ? 'Making the link…' : 'Make an invitation link'}
        </button>
      </div>
    </form>
  );
}
