import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { defineKind } from './kind.ts';
import { usage } from './schema.ts';

/** What a session used on a day (UTC). */
const DirectoryUsage = z.object({
  ...{ workspaceId: z.string(), sessionId: z.string(), userId: z.string(), day: z.string() },
  ...{ sandboxMs: z.int(), cpuMs: z.int(), spendUsd: z.number(), toldAt: z.string() },
});

/** What sessions used, by day. The newest word counts. */
export const usageKind = defineKind({
  name: 'usage',
  row: DirectoryUsage,
  key: ({ sessionId, day }) => `${sessionId}/${day}`,
  write: (database, rows) => [
    database
      .insert(usage)
      .values(rows)
      .onConflictDoUpdate({
        target: [usage.workspaceId, usage.sessionId, usage.day],
        set: {
          sandboxMs: sql`excluded.sandbox_ms`,
          cpuMs: sql`excluded.cpu_ms`,
          spendUsd: sql`excluded.spend_usd`,
          toldAt: sql`excluded.told_at`,
        },
        setWhere: sql`${usage.toldAt} <= excluded.told_at`,
      }),
  ],
});
