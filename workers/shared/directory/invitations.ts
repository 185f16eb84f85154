import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { Invitation } from '../../../protocol/messages/invitation.ts';
import { defineKind } from './kind.ts';
import { invitations } from './schema.ts';

/** An invitation as the directory knows it. */
export const DirectoryInvitation = Invitation.extend({ workspaceId: z.string() });

/** Invitations, told by the workspaces they are into. What was revoked stays so. */
export const invitationKind = defineKind({
  name: 'invitation',
  row: DirectoryInvitation,
  key: ({ id }) => id,
  write: (database, rows) => [
    database
      .insert(invitations)
      .values(rows)
      .onConflictDoUpdate({
        target: invitations.id,
        set: {
          uses: sql`greatest(${invitations.uses}, excluded.uses)`,
          revokedAt: sql`coalesce(${invitations.revokedAt}, excluded.revoked_at)`,
        },
      }),
  ],
});
