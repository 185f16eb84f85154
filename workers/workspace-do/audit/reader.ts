import { DEPLOYMENT_STREAM } from '../../../protocol/audit/entry.ts';
import {
  AUDIT_PAGE_ROWS,
  type AuditPage,
  type AuditQuery,
  matchesQuery,
  MAX_AUDIT_PAGE_ROWS,
} from '../../../protocol/audit/query.ts';
import type { AuditRow } from '../../../protocol/audit/row.ts';
import type { WorkspaceRole } from '../../../protocol/messages/workspace.ts';
import type { Identity } from '../../shared/rpc.ts';
import type { AuditDrain } from './drain.ts';

/** Rows looked at for one page; a rare thing is found over several pages. */
const MAX_SCANNED_ROWS = 5_000;
const SCAN_ROWS = 500;

/** Who may read the log of a workspace: its owners and admins; of the deployment: operators. */
export function mayReadAudit(who: Identity, workspaceId: string, role: WorkspaceRole | null): boolean {
  if (workspaceId === DEPLOYMENT_STREAM) return who.operator === true;
  return role === 'owner' || role === 'admin';
}

/** The newest rows that match, before the cursor. */
export async function readPage(log: AuditDrain, query: AuditQuery): Promise<AuditPage> {
  const limit = Math.min(query.limit ?? AUDIT_PAGE_ROWS, MAX_AUDIT_PAGE_ROWS);
  const rows: AuditRow[] = [];
  let before = query.cursor ?? Number.MAX_SAFE_INTEGER;
  for (let scanned = 0; scanned < MAX_SCANNED_ROWS;) {
    const found = await log.before(before, SCAN_ROWS);
    for (const row of found) {
      before = row.seq;
      if (matchesQuery(row, query)) rows.push(row);
      if (rows.length === limit) return { rows, nextCursor: row.seq > 1 ? row.seq : null };
    }
    scanned += found.length;
    if (found.length === 0 || before === 1) return { rows, nextCursor: null };
  }
  return { rows, nextCursor: before };
}
