import { and, eq, or, sql } from 'drizzle-orm';
import { z } from 'zod';
import { WorkspaceRole } from '../../../protocol/messages/workspace.ts';
import { defineKind } from './kind.ts';
import { memberships, users, workspaces } from './schema.ts';

/** A workspace as the directory knows it. Times are ISO 8601. */
export const DirectoryWorkspace = z.object({ id: z.string(), name: z.string(), createdAt: z.string() });

/** Workspaces, told by their own actors. */
export const workspaceKind = defineKind({
  name: 'workspace',
  row: DirectoryWorkspace,
  key: ({ id }) => id,
  write: (database, rows) => [
    database
      .insert(workspaces)
      .values(rows)
      .onConflictDoUpdate({ target: workspaces.id, set: { name: sql`excluded.name` } }),
  ],
});

/** Somebody's place in a workspace; `role` null: they have none any more. */
export const DirectoryMembership = z.object({
  ...{ workspaceId: z.string(), userId: z.string(), displayName: z.string(), createdAt: z.string() },
  role: WorkspaceRole.nullable(),
});

/** Who is in which workspace, told by the workspace's actor after the workspace itself. */
export const membershipKind = defineKind({
  name: 'membership',
  row: DirectoryMembership,
  key: ({ workspaceId, userId }) => `${workspaceId}\n${userId}`,
  write: (database, rows) => {
    const present = rows.flatMap(({ role, ...row }) => (role === null ? [] : [{ ...row, role }]));
    const gone = rows.filter(({ role }) => role === null);
    const isOne = or(
      ...gone.map(({ workspaceId, userId }) =>
        and(eq(memberships.workspaceId, workspaceId), eq(memberships.userId, userId)),
      ),
    );
    return [
      ...(present.length === 0
        ? []
        : [
            // Somebody may be given a place by their id before they ever signed in.
            database
              .insert(users)
              .values(
                present.map(({ userId, displayName, createdAt }) => ({
                  ...{ id: userId, displayName, createdAt, lastSignInAt: createdAt },
                })),
              )
              .onConflictDoNothing(),
            database
              .insert(memberships)
              .values(
                present.map(({ workspaceId, userId, role, createdAt }) => ({
                  ...{ workspaceId, userId, role, createdAt },
                })),
              )
              .onConflictDoUpdate({
                target: [memberships.workspaceId, memberships.userId],
                set: { role: sql`excluded.role` },
              }),
          ]),
      ...(gone.length === 0 ? [] : [database.delete(memberships).where(isOne)]),
    ];
  },
});
