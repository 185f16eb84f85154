import type { Route } from '../app/router.ts';
import { Toaster } from '../ui/Toaster.tsx';
import { DevicePage } from './DevicePage.tsx';
import { InvitationPage } from './InvitationPage.tsx';
import { SharePage } from './SharePage.tsx';
import '../styles/pages.css';

/** Where links from elsewhere lead: into a workspace, a session, or to a command line that wants to sign in. */
export default function Landing({ route, inside }: { route: Route; inside: boolean }) {
  return (
    <>
      {route.page === 'link' && route.kind === 'invitation' && (
        <InvitationPage secret={route.secret} inside={inside} />
      )}
      {route.page === 'link' && route.kind === 'share' && <SharePage secret={route.secret} />}
      {route.page === 'device' && <DevicePage code={route.code} />}
      <Toaster />
    </>
  );
}
