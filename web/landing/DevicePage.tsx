import { type FormEvent, useEffect, useState } from 'react';
import type { PendingDevice } from '../../client/index.ts';
import { account } from '../app/account-api.ts';
import { Link } from '../app/Link.tsx';
import { navigate } from '../app/router.ts';
import { Problem } from '../ui/States.tsx';
import { useAction } from '../ui/use-loaded.ts';
import { Card } from './Card.tsx';

/** A command line wants to sign in: the person compares the code, and lets it in or not. `code`: out of the address. */
export function DevicePage({ code }: { code: string | null }) {
  const [pending, setPending] = useState<PendingDevice | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    if (code === null) return;
    let current = true;
    account.pendingDevice(code).then(
      (found) => current && setPending(found),
      (failure: unknown) => current && setError(failure),
    );
    return () => {
      current = false;
      setPending(null);
      setError(null);
    };
  }, [code]);

  if (pending !== null) return <Confirm device={pending} />;
  if (code !== null && error === null) return <Card title="Looking for the code…">{null}</Card>;
  return <EnterCode error={error} />;
}

function EnterCode({ error }: { error: unknown }) {
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get('code') ?? '').trim();
    if (code !== '') navigate(`/device?code=${encodeURIComponent(code)}`);
  };
  return (
    <Card title="Sign a command line in">
      <Problem error={error} />
      <form className="link-form" onSubmit={submit}>
        <label htmlFor="code">The code that “alex login” shows:</label>
        <input id="code" name="code" autoComplete="off" autoCapitalize="characters" placeholder="BCDF-GHJK" />
        <button className="button primary">Go on</button>
      </form>
    </Card>
  );
}

function Confirm({ device }: { device: PendingDevice }) {
  const { userCode, label, address } = device;
  const [decided, setDecided] = useState<'in' | 'out' | null>(null);
  const { busy, error, run } = useAction();
  const decide = (approve: boolean): void =>
    void run(async () => {
      await account.decideDevice(userCode, approve);
      setDecided(approve ? 'in' : 'out');
    });

  if (decided !== null) {
    return (
      <Card title={decided === 'in' ? 'Signed in' : 'Refused'}>
        <p>
          {decided === 'in'
            ? `${label} goes on as you. It is in the list of your devices, where you can sign it out.`
            : `${label} was not let in.`}
        </p>
        <Link className="button" href="/">
          To your sessions
        </Link>
      </Card>
    );
  }
  return (
    <Card title="Sign this device in as you?">
      <p className="device-code">
        <code>{userCode}</code>
      </p>
      <p>
        {label}
        {address !== '' && `, from ${address}`}
      </p>
      <p>
        Go on only if you started “alex login” yourself just now and it shows the same code. Whoever has this
        device will be able to do all that you can.
      </p>
      <Problem error={error} />
      <div className="card-buttons">
        <button type="button" className="button primary" disabled={busy} onClick={() => decide(true)}>
          Sign it in
        </button>
        <button type="button" className="button" disabled={busy} onClick={() => decide(false)}>
          Refuse
        </button>
      </div>
    </Card>
  );
}
