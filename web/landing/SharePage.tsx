import { type FormEvent, useState } from 'react';
import { ShareToken } from '../../protocol/messages/share-link.ts';
import { account } from '../app/account-api.ts';
import { Link } from '../app/Link.tsx';
import { navigate } from '../app/router.ts';
import { signedOut } from '../app/signed-in.ts';
import SignIn from '../app/SignIn.tsx';
import { Field } from '../ui/Field.tsx';
import { Loading, Problem } from '../ui/States.tsx';
import { nowMs } from '../ui/times.ts';
import { useAction, useLoaded } from '../ui/use-loaded.ts';
import { Card } from './Card.tsx';
import { type Guest, guestOf, keptGuest, shareLinksApi } from './guest.ts';
import { GuestView } from './GuestView.tsx';
import { forgetLinkSecret, useLinkSecret } from './link-secret.ts';

/** Who asks, without a word when nobody is signed in: that is no trouble here. */
const loadName = async (): Promise<string | null> => {
  try {
    return (await account.me()).user.displayName;
  } catch {
    return null;
  }
};

/** A link to a session: who is signed in becomes a member of it, anybody else a guest of this one session. */
export function SharePage({ secret }: { secret: string | null }) {
  const token = useLinkSecret('share', secret);
  const [guest, setGuest] = useState(() => (secret === null ? keptGuest(nowMs()) : null));
  if (guest !== null) return <GuestView guest={guest} />;
  if (token === null || !ShareToken.safeParse(token).success) {
    return (
      <Card title="No session here">
        <p>The link is not complete. Copy all of it, from the person who shared the session.</p>
        <Link className="button" href="/">
          To your sessions
        </Link>
      </Card>
    );
  }
  return <Ask token={token} onGuest={setGuest} />;
}

/** As whom to open it: the name of who is signed in, or one that a guest chooses. */
function Ask({ token, onGuest }: { token: string; onGuest: (guest: Guest) => void }) {
  const [signIn, setSignIn] = useState(false);
  const { loaded } = useLoaded(loadName);
  const { busy, error, run } = useAction();
  const [name, setName] = useState('');

  if (signIn) return <SignIn token={null} why="Sign in, then open the session with your own name." />;
  if (loaded.state !== 'ready') return <Loading />;
  const self = loaded.value;

  const open = (event: FormEvent): void => {
    event.preventDefault();
    void run(async () => {
      const called = self === null && name.trim() !== '' ? name.trim() : undefined;
      const redeemed = await shareLinksApi.redeem(token, called);
      forgetLinkSecret('share');
      const became: Guest | null = guestOf(token, redeemed);
      if (became === null) navigate(`/s/${redeemed.sessionId}`, { replace: true });
      else onGuest(became);
    });
  };
  return (
    <Card title="A session was shared with you">
      <p>
        {self === null
          ? 'You can open it without an account, in this tab only. The others there see your name.'
          : `You open it as ${self}; the others there see you.`}
      </p>
      <form className="link-form" onSubmit={open}>
        {self === null && (
          <Field label="Your name">
            {(control) => (
              <input
                {...control}
                maxLength={64}
                placeholder="Guest"
                autoComplete="name"
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
        )}
        <Problem error={error} />
        <button className="button primary" disabled={busy}>
          {busy ? 'Opening…' : 'Open the session'}
        </button>
        {self === null && (
          <button
            type="button"
            className="button"
            onClick={() => {
              signedOut();
              setSignIn(true);
            }}
          >
            Sign in instead
          </button>
        )}
      </form>
    </Card>
  );
}
