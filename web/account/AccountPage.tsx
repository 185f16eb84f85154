import { useState } from 'react';
import type { SignInLink } from '../../client/api-account.ts';
import { account } from '../app/account-api.ts';
import { leave } from '../app/api.ts';
import { DeleteSection, deletionApi } from '../ui/DeleteSection.tsx';
import { Page, Section } from '../ui/Page.tsx';
import { SecretBox } from '../ui/SecretBox.tsx';
import { Problem, WhenLoaded } from '../ui/States.tsx';
import { useAction, useLoaded } from '../ui/use-loaded.ts';
import { loadAccount, loadMe } from './account.ts';
import { IdentitiesSection } from './IdentitiesSection.tsx';
import { YouSection } from './YouSection.tsx';

/** Who one is here and how one signs in, a link for another device, and the end of the account. */
export function AccountPage() {
  const { loaded, reload, put } = useLoaded(loadAccount);
  const me = useLoaded(loadMe).loaded;
  const operator = me.state === 'ready' && me.value.user.operator === true;
  return (
    <Page title="Account" lead="Who you are, here and to the people you share with.">
      <WhenLoaded of={loaded} onRetry={reload}>
        {(mine) => (
          <>
            <YouSection of={mine} operator={operator} onChange={put} />
            <IdentitiesSection identities={mine.identities} />
            <AnotherDevice />
            <DeleteSection
              what="account"
              lead="With your own workspace, its sessions and their files, your keys and devices."
              warning="You are signed out everywhere at once. Workspaces nobody else is in go with it; where you are the only owner among others, transfer or delete those first."
              typed={mine.userId}
              fileName={`account-${mine.userId}.jsonl`}
              exportAll={() => deletionApi.exportAccount()}
              begin={() => deletionApi.deleteAccount(mine.userId)}
              onDone={() => leave()}
            />
          </>
        )}
      </WhenLoaded>
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
