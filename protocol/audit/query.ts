import { z } from 'zod';
import { AuditAction, AuditOutcome } from './entry.ts';
import { AuditRow } from './row.ts';

/** Rows of one page. */
export const AUDIT_PAGE_ROWS = 50;
export const MAX_AUDIT_PAGE_ROWS = 200;

/** Which rows are asked for; what is absent matches all. Newest first. */
export const AuditQuery = z.strictObject({
  /** A whole name, or its first part with a dot at the end, such as `session.`. */
  action: z.union([AuditAction, z.string().regex(/^[a-z-]{1,40}\.$/)]).optional(),
  /** User id of who did it. */
  actor: z.string().min(1).max(200).optional(),
  /** Id of what it was done to. */
  target: z.string().min(1).max(200).optional(),
  outcome: AuditOutcome.optional(),
  /** From this instant on, and before that one. */
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  /** Rows before this number only: the `nextCursor` of the page before. */
  cursor: z.int().positive().optional(),
  limit: z.int().min(1).max(MAX_AUDIT_PAGE_ROWS).optional(),
});
export type AuditQuery = z.infer<typeof AuditQuery>;

/** A page may have fewer rows than asked for, or none, and still not be the last: go on while there is a cursor. */
export const AuditPage = z.object({ rows: z.array(AuditRow), nextCursor: z.int().nullable() });
export type AuditPage = z.infer<typeof AuditPage>;

/** Whether a row is asked for, but for cursor and limit. */
export function matchesQuery(row: AuditRow, query: AuditQuery): boolean {
  const atMs = Date.parse(row.at);
  return (
    (query.action === undefined ||
      (query.action.endsWith('.') ? row.action.startsWith(query.action) : row.action === query.action)) &&
    (query.actor === undefined || row.actor.userId === query.actor) &&
    (query.target === undefined || row.target.id === query.target) &&
    (query.outcome === undefined || row.outcome === query.outcome) &&
    (query.from === undefined || atMs >= Date.parse(query.from)) &&
    (query.to === undefined || atMs < Date.parse(query.to))
  );
}
