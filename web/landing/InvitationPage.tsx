import { InvitationsApi } from '../../client/api-invitations.ts';
import { InvitationToken } from '../../protocol/messages/invitation.ts';
import { api } from '../app/api.ts';
import { Link } from '../app/Link.tsx';
import { navigate } from '../app/router.ts';
import { chooseWorkspace } from '../app/current-workspace.ts';
import { refreshWorkspaces } from '../workspace/workspaces.ts';
import SignIn from '../app/SignIn.tsx';
import { Problem } from '../ui/States.tsx';
import { useAction } from '../ui/use-loaded.ts';
import { Card } from './Card.tsx';
import { forgetLinkSecret, useLinkSecret } from './link-secret.ts';

const invitationsApi = new InvitationsApi(api.transport);

/** Somebody was invited into a workspace: who is not signed in does that first, then they say yes or no. */
export function InvitationPage({ secret, inside }: { secret: string | null; inside: boolean }) {
  const token = useLinkSecret('invitation', secret);
  const { busy, error, run } = useAction();

  if (!inside) return <SignIn token={null} why="You were invited into a workspace. Sign in to join it." />;
  if (token === null || !InvitationToken.safeParse(token).success) {
    return (
      <Card title="No invitation here">
        <p>The link is not complete. Copy all of it, from the person who invited you.</p>
        <Link className="button" href="/">
          To your sessions
        </Link>
      </Card>
    );
  }
  const join = (): void =>
    void run(async () => {
      // A link is for a workspace that is not the current one.
      api.transport.workspaceId = null;
      const workspace = await invitationsApi.accept(token);
      forgetLinkSecret('invitation');
      await refreshWorkspaces();
      chooseWorkspace(workspace.id);
      navigate('/', { replace: true });
    });
  const decline = (): void => {
    forgetLinkSecret('invitation');
    navigate('/', { replace: true });
  };
  return (
    <Card title="You are invited">
      <p>Join the workspace this invitation is for? Its owners and admins will see your name and id.</p>
      <Problem error={error} />
      <div className="card-buttons">
        <button type="button" className="button primary" disabled={busy} onClick={join}>
          {busy ? 'Joining…' : 'Join the workspace'}
        </button>
        <button type="button" className="button" disabled={busy} onClick={decline}>
          Not now
        </button>
      </div>
    </Card>
  );
}
