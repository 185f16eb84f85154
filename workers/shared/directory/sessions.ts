import { getTableColumns, sql } from 'drizzle-orm';
import { z } from 'zod';
import { defineKind } from './kind.ts';
import { sessions } from './schema.ts';

/** A session as the directory knows it: its name is sealed in its actor and not told. Times are ISO 8601. */
export const DirectorySession = z.object({
  ...{ id: z.string(), ownerId: z.string(), workspaceId: z.string() },
  ...{ status: z.string(), region: z.string(), createdAt: z.string(), lastAccessedAt: z.string() },
  deletedAt: z.string().nullable(),
});
export type DirectorySession = z.infer<typeof DirectorySession>;

const { id: _id, createdAt: _createdAt, ...changing } = getTableColumns(sessions);
const newest = Object.fromEntries(
  Object.entries(changing).map(([key, column]) => [key, sql.raw(`excluded.${column.name}`)]),
);

export const sessionKind = defineKind({
  name: 'session',
  row: DirectorySession,
  key: ({ id }) => id,
  write: (database, rows) => [
    database
      .insert(sessions)
      .values(rows)
      .onConflictDoUpdate({
        target: sessions.id,
        set: newest,
        // What was deleted stays so, and an older word changes nothing.
        setWhere: sql`${sessions.deletedAt} is null and ${sessions.lastAccessedAt} <= excluded.last_accessed_at`,
      }),
  ],
});
