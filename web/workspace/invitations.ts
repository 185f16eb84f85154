import type { Invitation } from '../../protocol/messages/invitation.ts';

/** How an invitation, or a link of another kind, stands. */
export type Standing = 'open' | 'used up' | 'expired' | 'revoked';

/** Whether something that is good for some time and some uses still is. `nowMs`: milliseconds since 1970. */
export function standingOf(
  link: Pick<Invitation, 'expiresAt' | 'uses' | 'revokedAt'> & { maxUses: number | null },
  nowMs: number,
): Standing {
  if (link.revokedAt !== null) return 'revoked';
  if (link.maxUses !== null && link.uses >= link.maxUses) return 'used up';
  return Date.parse(link.expiresAt) <= nowMs ? 'expired' : 'open';
}

const HOUR_MS = 3_600_000;

/** How long something may be good, to choose from. Milliseconds, as text, and words. */
export const LIFETIMES = [
  [String(HOUR_MS), '1 hour'],
  [String(24 * HOUR_MS), '1 day'],
  [String(7 * 24 * HOUR_MS), '7 days'],
  [String(30 * 24 * HOUR_MS), '30 days'],
] as const;
export type Lifetime = (typeof LIFETIMES)[number][0];

/** Looks enough like an address to be sent to the edge, which decides. */
export function looksLikeEmail(text: string): boolean {
  return /^\S+@\S+\.\S+$/.test(text.trim());
}
