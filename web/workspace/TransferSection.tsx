import { useCallback, useState } from 'react';
import type { Workspace } from '../../protocol/messages/workspace.ts';
import { useSelfId } from '../account/account.ts';
import { refreshWorkspaces, workspacesApi } from './workspaces.ts';
import { Confirm } from '../ui/Confirm.tsx';
import { Field, Select } from '../ui/Field.tsx';
import { Section } from '../ui/Page.tsx';
import { WhenLoaded } from '../ui/States.tsx';
import { toast } from '../ui/toast.ts';
import { useLoaded } from '../ui/use-loaded.ts';
import { nameOf } from './roles.ts';

/** Makes another member the owner in one's place. */
export function TransferSection({ workspace }: { workspace: Workspace }) {
  const { id, name } = workspace;
  const { loaded, reload } = useLoaded(useCallback(() => workspacesApi.listMembers(id), [id]));
  const selfId = useSelfId();
  const [chosen, setChosen] = useState('');
  const [asking, setAsking] = useState(false);
  return (
    <Section
      title="Transfer"
      lead="Makes another member the owner in your place; you stay as an admin."
      danger
    >
      <WhenLoaded of={loaded} onRetry={reload}>
        {(members) => {
          const others = members.filter(({ userId }) => userId !== selfId);
          const heir = others.find(({ userId }) => userId === chosen);
          if (others.length === 0) return <p className="hint">Nobody else is in it yet.</p>;
          return (
            <Field label="New owner">
              {(control) => (
                <span className="input-row">
                  <Select
                    {...control}
                    value={chosen}
                    options={[
                      ['', 'Choose a member'] as const,
                      ...others.map((each) => [each.userId, `${nameOf(each)} (${each.role})`] as const),
                    ]}
                    onChoose={setChosen}
                  />
                  <button
                    type="button"
                    className="button danger-quiet"
                    disabled={heir === undefined}
                    onClick={() => setAsking(true)}
                  >
                    Transfer
                  </button>
                  {asking && heir !== undefined && (
                    <Confirm
                      question={{
                        title: `Transfer “${name}” to ${nameOf(heir)}?`,
                        body: <p>They alone can give it back. You stay as an admin.</p>,
                        action: 'Transfer',
                        typed: name,
                        onConfirm: async () => {
                          await workspacesApi.transfer(id, heir.userId);
                          toast(`${nameOf(heir)} owns ${name} now.`);
                          await refreshWorkspaces();
                        },
                      }}
                      onClose={() => setAsking(false)}
                    />
                  )}
                </span>
              )}
            </Field>
          );
        }}
      </WhenLoaded>
    </Section>
  );
}
