import { and, asc, desc, eq, gt, lt } from 'drizzle-orm';
import { z } from 'zod';
import { AuditRow } from '../../../protocol/audit/row.ts';
import { connectDirectory, type DirectoryConfig } from './connection.ts';
import { defineKind } from './kind.ts';
import { audit } from './schema.ts';

/** Rows of audit logs. A row never changes, so that what is there stays. */
export const auditKind = defineKind({
  name: 'audit',
  row: AuditRow,
  key: ({ workspaceId, seq }) => `${workspaceId}/${seq}`,
  write: (database, rows) => [
    database
      .insert(audit)
      .values(
        rows.map(({ hash, ...entry }) => ({
          ...{ workspaceId: entry.workspaceId, seq: entry.seq, id: entry.id, at: entry.at },
          ...{ action: entry.action, actorId: entry.actor.userId ?? '', targetId: entry.target.id },
          ...{ outcome: entry.outcome, entry, hash },
        })),
      )
      .onConflictDoNothing(),
  ],
});

/** Rows of a workspace's log that are in the directory. Calls reject when it cannot be reached. */
export interface AuditHistory {
  /** Rows after `seq`, oldest first. */
  after(workspaceId: string, seq: number, limit: number): Promise<AuditRow[]>;
  /** Rows before `seq`, newest first. */
  before(workspaceId: string, seq: number, limit: number): Promise<AuditRow[]>;
}

/** The audit logs in this deployment's directory; null when it has none. */
export function openAuditHistory(config: DirectoryConfig): AuditHistory | null {
  const database = connectDirectory(config);
  if (database === null) return null;
  const select = () => database.select({ entry: audit.entry, hash: audit.hash }).from(audit);
  return {
    async after(workspaceId, seq, limit) {
      const rows = select().where(and(eq(audit.workspaceId, workspaceId), gt(audit.seq, seq)));
      return toRows(await rows.orderBy(asc(audit.seq)).limit(limit));
    },
    async before(workspaceId, seq, limit) {
      const rows = select().where(and(eq(audit.workspaceId, workspaceId), lt(audit.seq, seq)));
      return toRows(await rows.orderBy(desc(audit.seq)).limit(limit));
    },
  };
}

function toRows(found: { entry: unknown; hash: string }[]): AuditRow[] {
  const Entry = z.record(z.string(), z.unknown());
  return found.map(({ entry, hash }) => AuditRow.parse({ ...Entry.parse(entry), hash }));
}
