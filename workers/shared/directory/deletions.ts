import { inArray } from 'drizzle-orm';
import { z } from 'zod';
import { defineKind } from './kind.ts';
import {
  apiKeys,
  identities,
  invitations,
  memberships,
  refreshFamilies,
  sessions,
  usage,
  users,
  workspaces,
} from './schema.ts';

/** What takes the place of the id of somebody whose account is gone, in rows of others. */
export const NOBODY = 'deleted';

const Gone = z.object({ id: z.string() });

/** A workspace is gone: so is everything that was its own. The audit log stays: it names things by their ids only. */
export const workspaceGoneKind = defineKind({
  name: 'workspace-gone',
  row: Gone,
  key: ({ id }) => id,
  write: (database, rows) => {
    const ids = rows.map(({ id }) => id);
    return [
      database.delete(sessions).where(inArray(sessions.workspaceId, ids)),
      database.delete(usage).where(inArray(usage.workspaceId, ids)),
      database.delete(invitations).where(inArray(invitations.workspaceId, ids)),
      database.delete(apiKeys).where(inArray(apiKeys.workspaceId, ids)),
      database.delete(memberships).where(inArray(memberships.workspaceId, ids)),
      database.delete(workspaces).where(inArray(workspaces.id, ids)),
    ];
  },
});

/** An account is gone: so is everything of the person, and what they made for others is nobody's. */
export const userGoneKind = defineKind({
  name: 'user-gone',
  row: Gone,
  key: ({ id }) => id,
  write: (database, rows) => {
    const ids = rows.map(({ id }) => id);
    return [
      database.delete(identities).where(inArray(identities.userId, ids)),
      database.delete(refreshFamilies).where(inArray(refreshFamilies.userId, ids)),
      database.delete(apiKeys).where(inArray(apiKeys.userId, ids)),
      database.delete(memberships).where(inArray(memberships.userId, ids)),
      database.update(sessions).set({ ownerId: NOBODY }).where(inArray(sessions.ownerId, ids)),
      database.update(invitations).set({ createdBy: NOBODY }).where(inArray(invitations.createdBy, ids)),
      database.update(usage).set({ userId: NOBODY }).where(inArray(usage.userId, ids)),
      database.delete(users).where(inArray(users.id, ids)),
    ];
  },
});
