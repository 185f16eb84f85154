import { neon, neonConfig } from '@neondatabase/serverless';
import { getTableColumns, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/neon-http';
import { z } from 'zod';
import { memberships, sessions, users, workspaces } from './schema.ts';

/** Longest one question to the directory may take. */
const TIMEOUT_MS = 10_000;

/** A session as the directory knows it. Times are ISO 8601. */
export const DirectorySession = z.object({
  ...{ id: z.string(), ownerId: z.string(), workspaceId: z.string(), name: z.string() },
  ...{ status: z.string(), region: z.string(), createdAt: z.string(), lastAccessedAt: z.string() },
  deletedAt: z.string().nullable(),
});
export type DirectorySession = z.infer<typeof DirectorySession>;

/** Somebody who signed in to a workspace. */
export const DirectorySignIn = z.object({
  ...{ userId: z.string(), displayName: z.string(), workspaceId: z.string(), at: z.string() },
});
export type DirectorySignIn = z.infer<typeof DirectorySignIn>;

/** Where the directory is. */
export interface DirectoryConfig {
  /** Connection string; absent: there is no directory. */
  DATABASE_URL?: string;
  /** Where Neon's protocol is spoken for it, when that is not the database's own host. */
  DATABASE_ENDPOINT?: string;
}

/**
 * What is written to the directory in Postgres. The newest word counts, however often and in whatever order it is said,
 * so that a caller may tell again what may have been told. Calls reject when it cannot be reached.
 */
export interface Directory {
  /** People, their workspaces, and that they belong to them. */
  putSignIns(rows: DirectorySignIn[]): Promise<void>;
  putSessions(rows: DirectorySession[]): Promise<void>;
}

/** The directory of this deployment; null when it has none. */
export function openDirectory(config: DirectoryConfig): Directory | null {
  if (config.DATABASE_URL === undefined || config.DATABASE_URL === '') return null;
  // The driver takes these for all its connections at once; a deployment has one database.
  if (config.DATABASE_ENDPOINT !== undefined) neonConfig.fetchEndpoint = config.DATABASE_ENDPOINT;
  neonConfig.fetchFunction = (url: string, init: RequestInit) =>
    fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  const database = drizzle(neon(config.DATABASE_URL));
  return {
    async putSignIns(rows) {
      if (rows.length === 0) return;
      const people = rows.map(({ userId, displayName, at }) => ({
        ...{ id: userId, displayName, lastSignInAt: at },
      }));
      const places = rows.map(({ workspaceId }) => ({ id: workspaceId, name: workspaceId }));
      // Who a workspace is made for owns it; whoever joins later is given a role by somebody who may.
      const belonging = rows.map(({ userId, workspaceId }) =>
        database
          .insert(memberships)
          .values({ userId, workspaceId, role: firstRole(workspaceId) })
          .onConflictDoNothing(),
      );
      await database.batch([
        database
          .insert(users)
          .values(people)
          .onConflictDoUpdate({
            target: users.id,
            set: {
              displayName: sql`excluded.display_name`,
              lastSignInAt: sql`excluded.last_sign_in_at`,
            },
            setWhere: sql`${users.lastSignInAt} <= excluded.last_sign_in_at`,
          }),
        database.insert(workspaces).values(places).onConflictDoNothing(),
        ...belonging,
      ]);
    },
    async putSessions(rows) {
      if (rows.length === 0) return;
      await database
        .insert(sessions)
        .values(rows)
        .onConflictDoUpdate({
          target: sessions.id,
          set: newest,
          // What was deleted stays so, and an older word changes nothing.
          setWhere: sql`${sessions.deletedAt} is null and ${sessions.lastAccessedAt} <= excluded.last_accessed_at`,
        });
    },
  };
}

const { id: _id, createdAt: _createdAt, ...changing } = getTableColumns(sessions);
const newest = Object.fromEntries(
  Object.entries(changing).map(([key, column]) => [key, sql.raw(`excluded.${column.name}`)]),
);

function firstRole(workspaceId: string) {
  return sql<'owner' | 'member'>`case when exists (
    select 1 from ${memberships} where ${memberships.workspaceId} = ${workspaceId}
  ) then 'member' else 'owner' end`;
}
