import { eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import { defineKind } from './kind.ts';
import { users } from './schema.ts';

/** Somebody who signed in to a workspace. */
export const DirectorySignIn = z.object({
  ...{ userId: z.string(), displayName: z.string(), workspaceId: z.string(), at: z.string() },
});
export type DirectorySignIn = z.infer<typeof DirectorySignIn>;

/** People, told by the workspaces they sign in to. */
export const signInKind = defineKind({
  name: 'sign-in',
  row: DirectorySignIn,
  key: ({ userId }) => userId,
  write: (database, rows) => {
    const people = rows.map(({ userId, displayName, at }) => ({
      ...{ id: userId, displayName, lastSignInAt: at },
    }));
    return [
      database
        .insert(users)
        .values(people)
        .onConflictDoUpdate({
          target: users.id,
          set: { displayName: sql`excluded.display_name`, lastSignInAt: sql`excluded.last_sign_in_at` },
          setWhere: sql`${users.lastSignInAt} <= excluded.last_sign_in_at`,
        }),
    ];
  },
});

/** What people call themselves, told by their own workspaces. Whoever is not in the directory yet gets in under their name. */
export const displayNameKind = defineKind({
  name: 'display-name',
  row: z.object({ userId: z.string(), displayName: z.string() }),
  key: ({ userId }) => userId,
  write: (database, rows) =>
    rows.map(({ userId, displayName }) =>
      database.update(users).set({ displayName }).where(eq(users.id, userId)),
    ),
});
