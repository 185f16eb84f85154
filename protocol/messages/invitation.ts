import { z } from 'zod';
import { WorkspaceRole } from './workspace.ts';

/** What an invitation may make of somebody. Owners are made by owners, of members. */
export const InvitedRole = WorkspaceRole.exclude(['owner']);
export type InvitedRole = z.infer<typeof InvitedRole>;

/** The secret of an invitation: whose workspace it is for, and 256 random bits. */
export const InvitationToken = z.string().regex(/^alexinv_[A-Za-z0-9_-]{65}$/);

/** An email address as invitations and identities compare it. */
export const Email = z.email().max(254).toLowerCase();

/** An invitation into a workspace, without its secret. */
export const Invitation = z.object({
  id: z.string(),
  /** Whom it is for; null: whoever has the link. */
  email: z.string().nullable(),
  role: InvitedRole,
  createdBy: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  uses: z.int(),
  maxUses: z.int(),
  revokedAt: z.iso.datetime().nullable(),
});
export type Invitation = z.infer<typeof Invitation>;

/** A new invitation: `token` and the `url` that carries it are told this once. */
export const CreatedInvitation = Invitation.extend({ token: InvitationToken, url: z.string() });
export type CreatedInvitation = z.infer<typeof CreatedInvitation>;
