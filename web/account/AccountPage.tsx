import { signOut } from '../app/api.ts';
import { Page, Section } from '../ui/Page.tsx';
import { Problem, WhenLoaded } from '../ui/States.tsx';
import { useAction, useLoaded } from '../ui/use-loaded.ts';
import { loadMe } from './account.ts';

/** Who one is here. */
export function AccountPage() {
  const { loaded, reload } = useLoaded(loadMe);
  const { busy, error, run } = useAction();
  return (
    <Page title="Account" lead="Who you are, here and to the people you share with.">
      <Section
        title="You"
        actions={
          <button type="button" className="button" disabled={busy} onClick={() => void run(signOut)}>
            Sign out
          </button>
        }
      >
        <Problem error={error} />
        <WhenLoaded of={loaded} onRetry={reload}>
          {({ user }) => (
            <dl className="facts">
              <div>
                <dt>Name</dt>
                <dd>{user.displayName}</dd>
              </div>
              <div>
                <dt>User id</dt>
                <dd className="mono">{user.userId}</dd>
              </div>
            </dl>
          )}
        </WhenLoaded>
      </Section>
    </Page>
  );
}
