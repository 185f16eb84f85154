import { type FormEvent, useEffect, useRef, useState } from 'react';
import { ApiError } from '../../client/index.ts';
import { account, explain } from './api.ts';
import { Logo } from './Home.tsx';
import { navigate } from './router.ts';

const USED =
  'This link was already used or has run out. Run “alex link” where you are signed in, or start the edge again, for a new one.';

/** Spends the single-use token of a sign-in link, then forgets it: it never stays in the address bar. */
export function SignIn({ token }: { token: string | null }) {
  const [error, setError] = useState<string | null>(null);
  const [working, setWorking] = useState(token !== null);
  const started = useRef(false);

  useEffect(() => {
    // The token is spent once, although the address changes with it.
    if (started.current || token === null) return;
    started.current = true;
    navigate('/sign-in', { replace: true });
    account.signIn(token).then(
      () => navigate('/', { replace: true }),
      (failure: unknown) => {
        setWorking(false);
        setError(failure instanceof ApiError && failure.status === 401 ? USED : explain(failure));
      },
    );
  }, [token]);

  return working ? <Message title="Signing in…" /> : <Message title="Sign in" error={error} form />;
}

/** Nobody is signed in on this browser. */
export function SignedOut() {
  return <Message title="You are signed out" form />;
}

function Message({
  title,
  error = null,
  form = false,
}: {
  title: string;
  error?: string | null;
  form?: boolean;
}) {
  return (
    <main className="empty">
      <div className="card" role="status">
        <Logo />
        <h1>{title}</h1>
        {error !== null && (
          <p className="error" role="alert">
            {error}
          </p>
        )}
        {form && <LinkForm />}
      </div>
    </main>
  );
}

/** Takes a sign-in link that was copied from a terminal. */
function LinkForm() {
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
      <label htmlFor="link">Open the link that “npm start” printed, or paste it here:</label>
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
      <button className="button primary">Sign in</button>
    </form>
  );
}
