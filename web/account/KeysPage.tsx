import { useState } from 'react';
import { KeysApi } from '../../client/api-keys.ts';
import type { ApiKey, NewApiKey } from '../../protocol/messages/api-key.ts';
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
import { useWorkspaces } from '../workspace/workspaces.ts';
import { loadMe } from './account.ts';
import { KeyForm, type WantedKey } from './KeyForm.tsx';

const keysApi = new KeysApi(api.transport);
const loadKeys = () => keysApi.list();

/** Keys by which programs act for one: make, see, revoke. */
export function KeysPage({ workspace }: { workspace: Workspace }) {
  const { loaded, reload, change } = useLoaded(loadKeys);
  const me = useLoaded(loadMe).loaded;
  const { list } = useWorkspaces();
  const [made, setMade] = useState<NewApiKey | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);

  const create = async (wanted: WantedKey): Promise<void> => {
    const key = await keysApi.create(wanted);
    setMade(key);
    change((keys) => [...keys, key]);
    reload();
  };
  const revoke = (key: ApiKey): void =>
    setQuestion({
      title: `Revoke “${key.name}”?`,
      body: <p>Whatever uses it is refused within 5 seconds. A key cannot be brought back.</p>,
      action: 'Revoke',
      onConfirm: async () => {
        await keysApi.revoke(key.id);
        setMade((shown) => (shown?.id === key.id ? null : shown));
        toast(`${key.name} is revoked.`);
        reload();
      },
    });
  const nameOf = (id: string): string => list?.find((each) => each.id === id)?.name ?? id;

  return (
    <Page
      title="API keys"
      lead="For programs that act for you. Each is good for one workspace, and never for more than you may do there."
    >
      <Section title="New key" lead={<>For the workspace “{workspace.name}”; switch it at the top left.</>}>
        <KeyForm operator={me.state === 'ready' && me.value.user.operator === true} onCreate={create} />
        {made !== null && (
          <SecretBox key={made.id} what="key" secret={made.key} onDone={() => setMade(null)}>
            {`This is the key “${made.name}”. It is shown only now: put it where the program finds it.`}
          </SecretBox>
        )}
      </Section>
      <Section title="Your keys">
        <WhenLoaded of={loaded} onRetry={reload}>
          {(keys) =>
            keys.length === 0 ? (
              <Empty icon="key" title="No keys yet" />
            ) : (
              <Table
                caption="API keys"
                columns={columnsOf(nameOf, revoke)}
                rows={keys}
                keyOf={({ id }) => id}
                dim={({ expiresAt }) => expiresAt !== null && Date.parse(expiresAt) <= nowMs()}
              />
            )
          }
        </WhenLoaded>
      </Section>
      {question !== null && <Confirm question={question} onClose={() => setQuestion(null)} />}
    </Page>
  );
}

function columnsOf(nameOf: (workspaceId: string) => string, revoke: (key: ApiKey) => void): Column<ApiKey>[] {
  return [
    {
      title: 'Key',
      cell: ({ id, name, workspaceId }) => (
        <span className="two-lines">
          <span>{name}</span>
          <span className="hint">
            <span className="mono">alex_{id}_…</span> · {nameOf(workspaceId)}
          </span>
        </span>
      ),
    },
    {
      title: 'May',
      cell: ({ scopes }) => (
        <span className="badges">
          {scopes.map((scope) => (
            <span key={scope} className="badge">
              {scope}
            </span>
          ))}
        </span>
      ),
    },
    { title: 'Last used', cell: ({ lastUsedAt }) => <When at={lastUsedAt} never="not yet" /> },
    { title: 'Ends', cell: ({ expiresAt }) => <When at={expiresAt} /> },
    {
      title: 'Actions',
      bare: true,
      cell: (key) => (
        <button
          type="button"
          className="button small"
          aria-label={`Revoke ${key.name}`}
          onClick={() => revoke(key)}
        >
          Revoke
        </button>
      ),
    },
  ];
}
