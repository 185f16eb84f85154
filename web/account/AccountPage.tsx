import { useState } from 'react';
import type { SignInLink } from '../../client/api-account.ts';
import { account, leave, signOut } from '../app/api.ts';
import { DeleteSection, deletionApi } from '../ui/DeleteSection.tsx';
import { Page, Section } from '../ui/Page.tsx';
import { SecretBox } from '../ui/SecretBox.tsx';
import { Problem, WhenLoaded } from '../ui/States.tsx';
import { useAction, useLoaded } from '../ui/use-loaded.ts';
import { loadMe } from './account.ts';

/** Who one is here, a link for another device, and the end of the account. */
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
              {user.operator === true && (
                <div>
                  <dt>Operator</dt>
                  <dd>of this deployment: hosts and metrics</dd>
                </div>
              )}
            </dl>
          )}
        </WhenLoaded>
      </Section>
      <AnotherDevice />
      {loaded.state === 'ready' && (
        <DeleteSection
          what="account"
          lead="With your own workspace, its sessions and their files, your keys and devices."
          warning="You are signed out everywhere at once. Workspaces nobody else is in go with it; where you are the only owner among others, transfer or delete those first."
          typed={loaded.value.user.userId}
          fileName={`account-${loaded.value.user.userId}.jsonl`}
          exportAll={() => deletionApi.exportAccount()}
          begin={() => deletionApi.deleteAccount(loaded.value.user.userId)}
          onDone={() => leave()}
        />
      )}
    </Page>
  );
}

/** A sign-in link for another browser or machine of one's own. */
function AnotherDevice() {
  const [link, setLink] = useState<SignInLink | null>(null);
  const { busy, error, run } = useAction();
  const make = (): void => void run(async () => setLink(await account.createSignInLink()));
  return (
    <Section
      title="Another device"
      lead="Signs another browser or machine in as you, once, within 24 hours."
      actions={
        <button type="button" className="button" disabled={busy} onClick={make}>
          {busy ? 'Making the link…' : 'Make a sign-in link'}
        </button>
      }
    >
      {error !== null && <Problem error={error} />}
      {link !== null && (
        <SecretBox key={link.url} what="link" secret={link.url} onDone={() => setLink(null)}>
          Whoever opens this link is signed in as you. It is good once, and shown only now.
        </SecretBox>
      )}
    </Section>
  );
}
