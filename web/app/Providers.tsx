import { useEffect, useState } from 'react';
import type { Provider } from '../../client/index.ts';
import { account } from './account-api.ts';

/** What became of a sign-in with a provider, by the word in the address. */
const PROBLEMS: Readonly<Record<string, string>> = {
  denied: 'The provider did not sign you in. Try again, or choose another way.',
  expired: 'That sign-in took too long or began in another browser. Start again here.',
  failed: 'The provider’s answer could not be used. Try again; if it stays so, tell whoever runs this edge.',
  unreachable: 'The provider cannot be reached right now. Try again in a moment.',
  going: 'Your account is being deleted. Sign in again in a minute for a new one.',
  'not-allowed': 'This edge does not take accounts like the one you signed in with. Try another one.',
};

/** The problem that the address tells of, in words. Null: none. */
export function signInProblem(): string | null {
  return PROBLEMS[new URL(location.href).searchParams.get('problem') ?? ''] ?? null;
}

/** The providers one can sign in with; none until they are known, or where there are none. */
export function useProviders(): readonly Provider[] {
  const [providers, setProviders] = useState<Provider[]>([]);
  useEffect(() => {
    // Without an answer there is still the link.
    account.listProviders().then(setProviders, () => undefined);
  }, []);
  return providers;
}

/** Ways to sign in with a provider, in the order of the configuration. They lead back to where the person is. */
export function ProviderLinks({ providers }: { providers: readonly Provider[] }) {
  const { pathname, search } = location;
  const back = pathname === '/sign-in' ? '/' : `${pathname}${search}`;
  return (
    <ul className="providers" aria-label="Providers">
      {providers.map(({ id, label }) => (
        <li key={id}>
          <a
            className="button primary"
            href={`/api/v1/auth/oidc/${encodeURIComponent(id)}/start?return=${encodeURIComponent(back)}`}
          >
            Continue with {label}
          </a>
        </li>
      ))}
    </ul>
  );
}
