import { useCallback, useState } from 'react';
import { InvitationsApi } from '../../client/api-invitations.ts';
import type { CreatedInvitation, Invitation } from '../../protocol/messages/invitation.ts';
import type { Workspace } from '../../protocol/messages/workspace.ts';
import { api } from '../app/api.ts';
import { Confirm, type Question } from '../ui/Confirm.tsx';
import { Page, Section } from '../ui/Page.tsx';
import { SecretBox } from '../ui/SecretBox.tsx';
import { Empty, WhenLoaded } from '../ui/States.tsx';
import { type Column, Table } from '../ui/Table.tsx';
import { nowMs } from '../ui/times.ts';
import { toast } from '../ui/toast.ts';
import { useLoaded } from '../ui/use-loaded.ts';
import { When } from '../ui/When.tsx';
import { InviteForm } from './InviteForm.tsx';
import { standingOf } from './invitations.ts';

const invitationsApi = new InvitationsApi(api.transport);

/** Invites people into the workspace; lists invitations and takes them back. */
export function InvitationsPage({ workspace }: { workspace: Workspace }) {
  const { id, name, kind } = workspace;
  const { loaded, reload, change } = useLoaded(useCallback(() => invitationsApi.list(id), [id]));
  const [made, setMade] = useState<CreatedInvitation | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);

  const revoke = (invitation: Invitation): void =>
    setQuestion({
      title: 'Revoke this invitation?',
      body: <p>Its link no longer works. Who came by it stays a member.</p>,
      action: 'Revoke',
      onConfirm: async () => {
        await invitationsApi.revoke(id, invitation.id);
        setMade((shown) => (shown?.id === invitation.id ? null : shown));
        toast('The invitation is revoked.');
        reload();
      },
    });

  if (kind === 'personal') {
    return (
      <Page title="Invitations">
        <Empty icon="mail" title="Nobody can come into a personal workspace">
          Make a workspace for a team first, under General.
        </Empty>
      </Page>
    );
  }
  return (
    <Page title="Invitations" lead={<>Into “{name}”. Nothing is sent by mail: pass the link on yourself.</>}>
      <Section title="Invite somebody">
        <InviteForm
          onInvite={async (input) => {
            const invitation = await invitationsApi.create(id, input);
            setMade(invitation);
            change((invitations) => [invitation, ...invitations]);
            reload();
          }}
        />
        {made !== null && (
          <SecretBox key={made.id} what="link" secret={made.url} onDone={() => setMade(null)}>
            {made.email === null
              ? 'Whoever has this link may come in. It is shown only now.'
              : `Only who signs in as ${made.email} may come in by this link. It is shown only now.`}
          </SecretBox>
        )}
      </Section>
      <Section title="Invitations">
        <WhenLoaded of={loaded} onRetry={reload}>
          {(invitations) =>
            invitations.length === 0 ? (
              <Empty icon="mail" title="No invitations yet" />
            ) : (
              <Table
                caption="Invitations"
                columns={columnsOf(revoke)}
                rows={invitations}
                keyOf={(each) => each.id}
                dim={(each) => standingOf(each, nowMs()) !== 'open'}
              />
            )
          }
        </WhenLoaded>
      </Section>
      {question !== null && <Confirm question={question} onClose={() => setQuestion(null)} />}
    </Page>
  );
}

function columnsOf(revoke: (invitation: Invitation) => void): Column<Invitation>[] {
  return [
    { title: 'For', cell: ({ email }) => email ?? 'whoever has the link' },
    { title: 'Role', cell: ({ role }) => <span className="badge">{role}</span> },
    { title: 'Used', cell: ({ uses, maxUses }) => `${uses} of ${maxUses}` },
    {
      title: 'State',
      cell: (each) => {
        const standing = standingOf(each, nowMs());
        if (standing !== 'open') return <span className="badge">{standing}</span>;
        return (
          <span>
            ends <When at={each.expiresAt} />
          </span>
        );
      },
    },
    {
      title: 'Actions',
      bare: true,
      cell: (each) =>
        standingOf(each, nowMs()) === 'open' && (
          <button
            type="button"
            className="button small"
            aria-label={`Revoke the invitation for ${each.email ?? 'whoever has the link'}`}
            onClick={() => revoke(each)}
          >
            Revoke
          </button>
        ),
    },
  ];
}
