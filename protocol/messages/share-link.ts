import { z } from 'zod';
import { nameOf } from './name.ts';
import { Role, SessionId, UserId } from './session.ts';

/** What a share link may give: never ownership. */
export const SharedRole = Role.exclude(['owner']);
export type SharedRole = z.infer<typeof SharedRole>;

/** The secret of a share link: which session, and 256 random bits. */
export const ShareToken = z.string().regex(/^alexshare_[A-Za-z0-9_-]{65}$/);

/** How somebody without an account calls themselves. Shown in terminals too, so without control characters. */
export const GuestName = nameOf(64);

/** A link to a session, without its secret. */
export const ShareLink = z.object({
  id: z.string(),
  role: SharedRole,
  /** Only for who is signed in. */
  signedInOnly: z.boolean(),
  createdBy: UserId,
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  uses: z.int(),
  maxUses: z.int(),
  revokedAt: z.iso.datetime().nullable(),
});
export type ShareLink = z.infer<typeof ShareLink>;

/** A new link: `token` and the `url` that carries it are told this once. */
export const CreatedShareLink = ShareLink.extend({ token: ShareToken, url: z.string() });
export type CreatedShareLink = z.infer<typeof CreatedShareLink>;

/** What a share link gave. `guest`: the token of somebody who is not signed in, good for this session alone. */
export const RedeemedShareLink = z.object({
  sessionId: SessionId,
  role: Role,
  guest: z
    .object({
      userId: UserId,
      displayName: z.string(),
      accessToken: z.string(),
      expiresAt: z.iso.datetime(),
    })
    .nullable(),
});
export type RedeemedShareLink = z.infer<typeof RedeemedShareLink>;
