import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { defineKind } from './kind.ts';
import { apiKeys } from './schema.ts';

/** An API key, without its secret. Times are ISO 8601. */
const DirectoryApiKey = z.object({
  ...{ id: z.string(), userId: z.string(), workspaceId: z.string(), name: z.string() },
  ...{ scopes: z.array(z.string()), createdAt: z.string(), expiresAt: z.string().nullable() },
  ...{ lastUsedAt: z.string().nullable(), revokedAt: z.string().nullable() },
});

/** API keys. What was revoked stays so. */
export const apiKeyKind = defineKind({
  name: 'api-key',
  row: DirectoryApiKey,
  key: ({ id }) => id,
  write: (database, rows) => [
    database
      .insert(apiKeys)
      .values(rows)
      .onConflictDoUpdate({
        target: apiKeys.id,
        set: {
          lastUsedAt: sql`greatest(${apiKeys.lastUsedAt}, excluded.last_used_at)`,
          revokedAt: sql`coalesce(${apiKeys.revokedAt}, excluded.revoked_at)`,
        },
      }),
  ],
});
