import { type FormEvent, useEffect, useRef, useState } from 'react';
import { ApiError } from '../../client/api-transport.ts';
import { ProviderLinks, signInProblem, useProviders } from './Providers.tsx';
import { account } from './account-api.ts';
import { explain } from './api.ts';
import { Logo } from './Home.tsx';
import { navigate } from './router.ts';
import { signedIn } from './signed-in.ts';

const USED =
  'This link was already used or has run out. Run “alex link” where you are signed in, or start the edge again, for a new one.';

const ENDED =
  'You were signed out here. What runs in your sessions goes on; sign in again to come back to it.';

/**
 * Signs somebody in: spends the single-use token of a link, which never stays in the address bar, or offers the ways
 * there are. `ask`: the token came with a link on another site, which this person may not have meant to follow. `why`: what
 * it is for, in words. `ended`: somebody was in the middle of something.
 */
export default function SignIn(props: {
  token: string | null;
  ask?: boolean;
  why?: string;
  ended?: boolean;
}) {
  const { token } = props;
  const [asking, setAsking] = useState(token !== null && props.ask === true);
  const [error, setError] = useState<string | null>(signInProblem);
  const [working, setWorking] = useState(token !== null);
  const providers = useProviders();
  const started = useRef(false);

  useEffect(() => {
    // The token is spent once, although the address changes with it.
    if (started.current || token === null || asking) return;
    started.current = true;
    navigate('/sign-in', { replace: true });
    account.signIn(token).then(
      () => navigate(signedIn(), { replace: true }),
      (failure: unknown) => {
        setWorking(false);
        setError(failure instanceof ApiError && failure.status === 401 ? USED : explain(failure));
      },
    );
  }, [token, asking]);

  if (asking) return <Ask onYes={() => setAsking(false)} />;
  return (
    <main className="empty">
      <div className="card" role="status">
        <Logo />
        <h1>{working ? 'Signing in…' : 'Sign in'}</h1>
        {!working && props.ended === true && <p role="alert">{ENDED}</p>}
        {!working && props.why !== undefined && <p>{props.why}</p>}
        {error !== null && (
          <p className="error" role="alert">
            {error}
          </p>
        )}
        {!working && providers.length > 0 && (
          <>
            <ProviderLinks providers={providers} />
            <p className="or">or with a link</p>
          </>
        )}
        {!working && <LinkForm alone={providers.length === 0} />}
      </div>
    </main>
  );
}

/** Asks whoever came by a link on another site: it may be a stranger's. */
function Ask({ onYes }: { onYes: () => void }) {
  return (
    <main className="empty">
      <div className="card" role="status">
        <Logo />
        <h1>Sign in by this link?</h1>
        <p>
          Another site led you here. Go on only if the link is your own: with somebody else’s you would work
          in their account, where they see what you type.
        </p>
        <div className="link-form">
          <button type="button" className="button primary" onClick={onYes}>
            It is mine; sign in
          </button>
          <button type="button" className="button" onClick={() => navigate('/', { replace: true })}>
            Leave it
          </button>
        </div>
      </div>
    </main>
  );
}

/** Takes a sign-in link that was copied from a terminal. `alone`: there is no other way in. */
function LinkForm({ alone }: { alone: boolean }) {
  const [problem, setProblem] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get('link') ?? '').trim();
    const token = URL.canParse(text) ? new URL(text).searchParams.get('token') : null;
    if (token === null) return setProblem(true);
    location.assign(`/sign-in?token=${encodeURIComponent(token)}`);
  };
  return (
    <form onSubmit={submit} className="link-form">
      <label htmlFor="link">Open the link that “npm start” or “alex link” printed, or paste it here:</label>
      <input
        id="link"
        name="link"
        autoComplete="off"
        placeholder="http://…/sign-in?token=…"
        aria-invalid={problem}
      />
      {problem && (
        <p className="error" role="alert">
          That is not a sign-in link.
        </p>
      )}
      <button className={`button ${alone ? 'primary' : ''}`}>Sign in</button>
    </form>
  );
}
