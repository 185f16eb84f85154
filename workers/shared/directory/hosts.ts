import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { defineKind } from './kind.ts';
import { hosts } from './schema.ts';

/** A sandbox host as its region last saw it. Times are ISO 8601. */
export const DirectoryHost = z.object({
  ...{ region: z.string(), id: z.string(), state: z.string(), capacity: z.number(), lastSeenAt: z.string() },
});
export type DirectoryHost = z.infer<typeof DirectoryHost>;

export const hostKind = defineKind({
  name: 'host',
  row: DirectoryHost,
  key: ({ region, id }) => `${region}/${id}`,
  write: (database, rows) => [
    database
      .insert(hosts)
      .values(rows.map((row) => ({ ...row, firstSeenAt: row.lastSeenAt })))
      .onConflictDoUpdate({
        target: [hosts.region, hosts.id],
        set: {
          state: sql`excluded.state`,
          capacity: sql`excluded.capacity`,
          lastSeenAt: sql`excluded.last_seen_at`,
        },
        setWhere: sql`${hosts.lastSeenAt} <= excluded.last_seen_at`,
      }),
  ],
});
