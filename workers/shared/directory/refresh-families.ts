import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { defineKind } from './kind.ts';
import { refreshFamilies } from './schema.ts';

/** A signed-in device. Times are ISO 8601. */
const DirectoryRefreshFamily = z.object({
  ...{ id: z.string(), userId: z.string(), label: z.string() },
  ...{ createdAt: z.string(), lastUsedAt: z.string(), expiresAt: z.string() },
  ...{ revokedAt: z.string().nullable(), revokedWhy: z.string().nullable() },
});

/** Signed-in devices. What was revoked stays so. */
export const refreshFamilyKind = defineKind({
  name: 'refresh-family',
  row: DirectoryRefreshFamily,
  key: ({ id }) => id,
  write: (database, rows) => [
    database
      .insert(refreshFamilies)
      .values(rows)
      .onConflictDoUpdate({
        target: refreshFamilies.id,
        set: {
          lastUsedAt: sql`excluded.last_used_at`,
          expiresAt: sql`excluded.expires_at`,
          revokedAt: sql`excluded.revoked_at`,
          revokedWhy: sql`excluded.revoked_why`,
        },
        setWhere: sql`${refreshFamilies.revokedAt} is null and ${refreshFamilies.lastUsedAt} <= excluded.last_used_at`,
      }),
  ],
});
