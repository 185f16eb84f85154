import { type FormEvent, useState } from 'react';
import type { Workspace } from '../../protocol/messages/workspace.ts';
import { chooseWorkspace } from '../app/current-workspace.ts';
import { refreshWorkspaces, workspacesApi } from './workspaces.ts';
import { DeleteSection, deletionApi } from '../ui/DeleteSection.tsx';
import { Field } from '../ui/Field.tsx';
import { Page, Section } from '../ui/Page.tsx';
import { Problem } from '../ui/States.tsx';
import { toast } from '../ui/toast.ts';
import { useAction } from '../ui/use-loaded.ts';
import { dateTime } from '../ui/times.ts';
import { manages } from './roles.ts';
import { TransferSection } from './TransferSection.tsx';

/** The workspace itself: its name, who it belongs to, its end; and the way to a new one. */
export function WorkspacePage({ workspace }: { workspace: Workspace }) {
  const { id, name, kind, role } = workspace;
  return (
    <Page
      title="Workspace"
      lead={
        kind === 'personal'
          ? 'Your own workspace. Nobody else is in it; share single sessions, or make a workspace for a team.'
          : 'Sessions, members and the audit log of a team.'
      }
    >
      <Section title="General">
        <dl className="facts">
          <div>
            <dt>Your role</dt>
            <dd>{role}</dd>
          </div>
          <div>
            <dt>Since</dt>
            <dd>{dateTime(workspace.createdAt)}</dd>
          </div>
          <div>
            <dt>Id</dt>
            <dd className="mono">{id}</dd>
          </div>
        </dl>
        {manages(role) && <Rename id={id} name={name} />}
      </Section>
      {kind === 'team' && role === 'owner' && <TransferSection workspace={workspace} />}
      <NewWorkspace />
      {kind === 'team' && role === 'owner' && (
        <DeleteSection
          what="workspace"
          lead="With its sessions and their files, members and invitations."
          warning={`“${name}” is gone for everybody at once.`}
          typed={name}
          fileName={`workspace-${id}.jsonl`}
          exportAll={() => deletionApi.exportWorkspace(id)}
          begin={() => deletionApi.deleteWorkspace(id, name)}
          onDone={() => {
            chooseWorkspace(null);
            toast(`${name} is deleted.`);
            void refreshWorkspaces();
          }}
        />
      )}
    </Page>
  );
}

function Rename({ id, name }: { id: string; name: string }) {
  const [text, setText] = useState(name);
  const { busy, error, run } = useAction();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void run(async () => {
      const renamed = await workspacesApi.rename(id, text);
      await refreshWorkspaces();
      toast(`The workspace is called ${renamed.name} now.`);
    });
  };
  return (
    <form onSubmit={submit}>
      <Field label="Name">
        {(control) => (
          <span className="input-row">
            <input
              {...control}
              maxLength={100}
              required
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
            <button className="button" disabled={busy || text.trim() === '' || text.trim() === name}>
              Rename
            </button>
          </span>
        )}
      </Field>
      <Problem error={error} />
    </form>
  );
}

function NewWorkspace() {
  const [text, setText] = useState('');
  // Made once, however often the button is pressed.
  const [key, setKey] = useState(() => crypto.randomUUID());
  const { busy, error, run } = useAction();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void run(async () => {
      const made = await workspacesApi.create(text, key);
      setKey(crypto.randomUUID());
      await refreshWorkspaces();
      chooseWorkspace(made.id);
      toast(`You are in ${made.name} now; invite people next.`);
    });
  };
  return (
    <Section title="New workspace" lead="For a team. You are its owner.">
      <form onSubmit={submit}>
        <Field label="Name of the new workspace">
          {(control) => (
            <span className="input-row">
              <input
                {...control}
                maxLength={100}
                required
                placeholder="Platform team"
                value={text}
                onChange={(event) => setText(event.target.value)}
              />
              <button className="button" disabled={busy || text.trim() === ''}>
                Create workspace
              </button>
            </span>
          )}
        </Field>
        <Problem error={error} />
      </form>
    </Section>
  );
}
