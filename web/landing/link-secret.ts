import { useEffect } from 'react';
import { type LinkKind, navigate } from '../app/router.ts';

const keyOf = (kind: LinkKind): string => `alex.link.${kind}`;

/**
 * The secret of the link that led here. It is taken out of the address bar at once, and kept in this tab's storage until
 * it was used: who has to sign in first, perhaps elsewhere, comes back to it.
 */
export function useLinkSecret(kind: LinkKind, inAddress: string | null): string | null {
  useEffect(() => {
    if (inAddress === null) return;
    sessionStorage.setItem(keyOf(kind), inAddress);
    navigate(location.pathname, { replace: true });
  }, [kind, inAddress]);
  return inAddress ?? sessionStorage.getItem(keyOf(kind));
}

/** It was used, or is no good. */
export function forgetLinkSecret(kind: LinkKind): void {
  sessionStorage.removeItem(keyOf(kind));
}
