import type { AccountIdentity } from '../../protocol/messages/account.ts';
import { Section } from '../ui/Page.tsx';
import { Empty } from '../ui/States.tsx';
import { type Column, Table } from '../ui/Table.tsx';
import { When } from '../ui/When.tsx';

/** By whom one signs in. */
export function IdentitiesSection({ identities }: { identities: readonly AccountIdentity[] }) {
  return (
    <Section
      title="How you sign in"
      lead="Whoever controls one of these can sign in as you. The same address at another provider is another account."
    >
      {identities.length === 0 ? (
        <Empty icon="link" title="By sign-in links">
          No provider vouches for you here: you came by a link, and let other devices in by links.
        </Empty>
      ) : (
        <Table
          caption="How you sign in"
          columns={COLUMNS}
          rows={identities}
          keyOf={({ issuer, createdAt }) => `${issuer} ${createdAt}`}
        />
      )}
    </Section>
  );
}

const COLUMNS: Column<AccountIdentity>[] = [
  {
    title: 'Provider',
    cell: ({ issuer, provider }) => (
      <span className="two-lines">
        <span>{provider ?? 'No longer offered here'}</span>
        <span className="hint mono">{issuer}</span>
      </span>
    ),
  },
  { title: 'Verified address', cell: ({ email }) => email ?? <span className="hint">none</span> },
  { title: 'Since', cell: ({ createdAt }) => <When at={createdAt} /> },
  { title: 'Last used', cell: ({ lastUsedAt }) => <When at={lastUsedAt} /> },
];
