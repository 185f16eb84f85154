import { useCallback, useState } from 'react';
import type { Workspace, WorkspaceMember, WorkspaceRole } from '../../protocol/messages/workspace.ts';
import { colorOf } from '../../protocol/presence.ts';
import { useSelfId } from '../account/account.ts';
import { Link } from '../app/Link.tsx';
import { navigate, SETTINGS_PATHS } from '../app/router.ts';
import { chooseWorkspace } from '../app/current-workspace.ts';
import { refreshWorkspaces, workspacesApi } from './workspaces.ts';
import { Avatar } from '../session/Avatar.tsx';
import { Confirm, type Question } from '../ui/Confirm.tsx';
import { Select } from '../ui/Field.tsx';
import { Page, Section } from '../ui/Page.tsx';
import { Problem, WhenLoaded } from '../ui/States.tsx';
import { type Column, Table } from '../ui/Table.tsx';
import { toast } from '../ui/toast.ts';
import { useAction, useLoaded } from '../ui/use-loaded.ts';
import { When } from '../ui/When.tsx';
import { assignable, manages, nameOf, ROLE_WORDS, sortMembers } from './roles.ts';

/** Who is in the workspace and as what; for managers the way to change it, for everybody the way out. */
export function MembersPage({ workspace }: { workspace: Workspace }) {
  const { id, name, role } = workspace;
  const { loaded, reload } = useLoaded(useCallback(() => workspacesApi.listMembers(id), [id]));
  const selfId = useSelfId();
  const [question, setQuestion] = useState<Question | null>(null);
  const { error, run } = useAction();

  const changed = async (words: string): Promise<void> => {
    toast(words);
    reload();
    await refreshWorkspaces();
  };
  const setRole = (member: WorkspaceMember, next: WorkspaceRole): void =>
    void run(async () => {
      await workspacesApi.setMember(id, member.userId, next);
      await changed(`${nameOf(member)} is ${next} now.`);
    });
  const remove = (member: WorkspaceMember): void =>
    setQuestion({
      title: `Remove ${nameOf(member)}?`,
      body: (
        <p>
          They lose the workspace “{name}” and its sessions at once, also where they are connected. Sessions
          only they owned become yours. They come back by a new invitation only.
        </p>
      ),
      action: 'Remove',
      onConfirm: async () => {
        await workspacesApi.removeMember(id, member.userId);
        await changed(`${nameOf(member)} was removed.`);
      },
    });
  const leave = (): void =>
    setQuestion({
      title: `Leave “${name}”?`,
      body: <p>You lose its sessions at once. Those only you owned go to an owner of the workspace.</p>,
      action: 'Leave',
      onConfirm: async () => {
        if (selfId !== null) await workspacesApi.removeMember(id, selfId);
        chooseWorkspace(null);
        await refreshWorkspaces();
        navigate('/');
      },
    });

  return (
    <Page title="Members" lead={<>Who is in “{name}”. Roles hold at once, also for who is connected.</>}>
      <Section
        title="People"
        actions={
          manages(role) && (
            <Link className="button" href={SETTINGS_PATHS.invitations}>
              Invite people
            </Link>
          )
        }
      >
        <Problem error={error} />
        <WhenLoaded of={loaded} onRetry={reload}>
          {(members) => (
            <Table
              caption={`Members of ${name}`}
              columns={columnsOf({ own: role, selfId, setRole, remove })}
              rows={sortMembers(members, selfId)}
              keyOf={({ userId }) => userId}
            />
          )}
        </WhenLoaded>
        <Roles />
      </Section>
      {workspace.kind === 'team' && (
        <Section
          title="Leave"
          lead="The last owner stays; transfer the workspace first."
          danger
          actions={
            <button type="button" className="button danger-quiet" onClick={leave}>
              Leave this workspace
            </button>
          }
        />
      )}
      {question !== null && <Confirm question={question} onClose={() => setQuestion(null)} />}
    </Page>
  );
}

interface Actions {
  own: WorkspaceRole;
  selfId: string | null;
  setRole: (member: WorkspaceMember, role: WorkspaceRole) => void;
  remove: (member: WorkspaceMember) => void;
}

function columnsOf({ own, selfId, setRole, remove }: Actions): Column<WorkspaceMember>[] {
  return [
    {
      title: 'Name',
      cell: ({ userId, displayName }) => (
        <span className="who">
          <Avatar name={displayName ?? userId} color={colorOf(userId)} />
          <span className="two-lines">
            <span>
              {displayName ?? userId} {userId === selfId && <span className="badge">you</span>}
            </span>
            <span className="hint mono">{userId}</span>
          </span>
        </span>
      ),
    },
    {
      title: 'Role',
      cell: (member) => {
        const roles = member.userId === selfId ? [] : assignable(own, member.role);
        if (roles.length === 0) return <span className="badge">{member.role}</span>;
        return (
          <Select
            aria-label={`Role of ${nameOf(member)}`}
            value={member.role}
            options={roles.map((each) => [each, each] as const)}
            onChoose={(role) => setRole(member, role)}
          />
        );
      },
    },
    { title: 'Since', cell: ({ addedAt }) => <When at={addedAt} /> },
    {
      title: 'Actions',
      bare: true,
      cell: (member) =>
        member.userId !== selfId &&
        assignable(own, member.role).length > 0 && (
          <button
            type="button"
            className="button small"
            aria-label={`Remove ${nameOf(member)}`}
            onClick={() => remove(member)}
          >
            Remove
          </button>
        ),
    },
  ];
}

function Roles() {
  return (
    <details className="more">
      <summary>What the roles may do</summary>
      <dl>
        {Object.entries(ROLE_WORDS).map(([role, words]) => (
          <div key={role}>
            <dt>{role}</dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
