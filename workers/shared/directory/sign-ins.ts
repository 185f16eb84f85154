import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { defineKind } from './kind.ts';
import { memberships, users, workspaces } from './schema.ts';

/** Somebody who signed in to a workspace. */
export const DirectorySignIn = z.object({
  ...{ userId: z.string(), displayName: z.string(), workspaceId: z.string(), at: z.string() },
});
export type DirectorySignIn = z.infer<typeof DirectorySignIn>;

/** People, their workspaces, and that they belong to them. */
export const signInKind = defineKind({
  name: 'sign-in',
  row: DirectorySignIn,
  key: ({ userId }) => userId,
  write: (database, rows) => {
    const people = rows.map(({ userId, displayName, at }) => ({
      ...{ id: userId, displayName, lastSignInAt: at },
    }));
    const places = rows.map(({ workspaceId }) => ({ id: workspaceId, name: workspaceId }));
    return [
      database
        .insert(users)
        .values(people)
        .onConflictDoUpdate({
          target: users.id,
          set: { displayName: sql`excluded.display_name`, lastSignInAt: sql`excluded.last_sign_in_at` },
          setWhere: sql`${users.lastSignInAt} <= excluded.last_sign_in_at`,
        }),
      database.insert(workspaces).values(places).onConflictDoNothing(),
      // Who a workspace is made for owns it; whoever joins later is given a role by somebody who may.
      ...rows.map(({ userId, workspaceId }) =>
        database
          .insert(memberships)
          .values({ userId, workspaceId, role: firstRole(workspaceId) })
          .onConflictDoNothing(),
      ),
    ];
  },
});

function firstRole(workspaceId: string) {
  return sql<'owner' | 'member'>`case when exists (
    select 1 from ${memberships} where ${memberships.workspaceId} = ${workspaceId}
  ) then 'member' else 'owner' end`;
}
