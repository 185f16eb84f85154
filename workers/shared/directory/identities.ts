import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { defineKind } from './kind.ts';
import { identities } from './schema.ts';

/** Somebody's subject at an issuer. Times are ISO 8601. */
const DirectoryIdentity = z.object({
  ...{ issuer: z.string(), subject: z.string(), userId: z.string(), email: z.string().nullable() },
  ...{ createdAt: z.string(), lastUsedAt: z.string() },
});

/** How people sign in. */
export const identityKind = defineKind({
  name: 'identity',
  row: DirectoryIdentity,
  key: ({ issuer, subject }) => JSON.stringify([issuer, subject]),
  write: (database, rows) => [
    database
      .insert(identities)
      .values(rows)
      .onConflictDoUpdate({
        target: [identities.issuer, identities.subject],
        set: { email: sql`excluded.email`, lastUsedAt: sql`excluded.last_used_at` },
        setWhere: sql`${identities.lastUsedAt} <= excluded.last_used_at`,
      }),
  ],
});
