import { z } from 'zod';
import { ShareLinksApi } from '../../client/api-share-links.ts';
import type { TokenSource } from '../../client/token-source.ts';
import type { RedeemedShareLink } from '../../protocol/messages/share-link.ts';
import { actAs, api } from '../app/api.ts';

const KEY = 'alex.guest';
/** A guest's token is renewed this long before it ends: by then it still says which guest it is. */
const RENEW_BEFORE_MS = 5 * 60_000;

/** Somebody without an account, in the one session their link is for. Kept for this tab, so that a reload is no new guest. */
const Guest = z.object({
  sessionId: z.string(),
  displayName: z.string(),
  accessToken: z.string(),
  expiresAt: z.iso.datetime(),
  /** Of the link, to renew by. */
  secret: z.string(),
});
export type Guest = z.infer<typeof Guest>;

export const shareLinksApi = new ShareLinksApi(api.transport);

/** The guest this tab was before it was loaded anew. Null: none, or too long ago. `nowMs`: milliseconds since 1970. */
export function keptGuest(nowMs: number): Guest | null {
  const kept = Guest.safeParse(parseJson(sessionStorage.getItem(KEY)));
  return kept.success && Date.parse(kept.data.expiresAt) > nowMs ? kept.data : null;
}

/** The guest that using a link made; null: it was used by somebody signed in. */
export function guestOf(secret: string, { sessionId, guest }: RedeemedShareLink): Guest | null {
  if (guest === null) return null;
  const { displayName, accessToken, expiresAt } = guest;
  return { sessionId, displayName, accessToken, expiresAt, secret };
}

/** How long until a guest's token is renewed, in milliseconds; 0: at once. */
export function renewalInMs({ expiresAt }: Pick<Guest, 'expiresAt'>, nowMs: number): number {
  return Math.max(0, Date.parse(expiresAt) - RENEW_BEFORE_MS - nowMs);
}

/**
 * From now on the page's requests are this guest's, until it is loaded anew without them. The token is renewed by using
 * the link again, which does not count as another use for the same guest. Out: how to stop renewing.
 */
export function beGuest(first: Guest): () => void {
  let guest = first;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const keep = (next: Guest): void => {
    guest = next;
    sessionStorage.setItem(KEY, JSON.stringify(next));
    timer = setTimeout(() => void source.renew().catch(() => undefined), renewalInMs(next, Date.now()));
  };
  const source: TokenSource = {
    get token() {
      return guest.accessToken;
    },
    async renew() {
      clearTimeout(timer);
      const next = guestOf(guest.secret, await shareLinksApi.redeem(guest.secret, guest.displayName));
      if (next !== null) keep(next);
      return next !== null;
    },
  };
  actAs(source);
  keep(guest);
  return () => clearTimeout(timer);
}

/** Ends being a guest, and forgets the link. */
export function leaveGuest(): void {
  sessionStorage.clear();
  location.assign('/');
}

function parseJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}
