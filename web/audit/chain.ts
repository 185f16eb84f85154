import { type AuditRow, hashOf } from '../../protocol/audit/row.ts';

/**
 * What this browser could verify of the rows shown, newest first: every row's own hash, and, between neighbours, that the
 * newer names the older. `broken`: the number of the first row that does not hold; null: all do. `links`: pairs of
 * neighbours that were compared; filters leave gaps between rows.
 */
export function verifyRows(rows: readonly AuditRow[]): { broken: number | null; links: number } {
  let links = 0;
  for (const [at, row] of rows.entries()) {
    if (hashOf(row) !== row.hash) return { broken: row.seq, links };
    const older = rows[at + 1];
    if (older?.seq !== row.seq - 1) continue;
    if (older.hash !== row.previousHash) return { broken: row.seq, links };
    links += 1;
  }
  return { broken: null, links };
}
