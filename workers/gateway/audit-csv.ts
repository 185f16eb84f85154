import type { AuditCheckpoint, AuditExportEnd } from '../../protocol/audit/checkpoint.ts';
import type { AuditRow } from '../../protocol/audit/row.ts';
import { canonicalJson } from '../../protocol/sync/json.ts';

const COLUMNS = [
  ...([
    'type',
    'seq',
    'at',
    'action',
    'userId',
    'credentialKind',
    'credentialId',
    'targetKind',
    'targetId',
  ] as const),
  ...([
    'outcome',
    'reason',
    'detail',
    'requestId',
    'address',
    'id',
    'previousHash',
    'hash',
    'kid',
    'signature',
  ] as const),
];
/** What a spreadsheet takes for a formula when a cell begins with it; some take the full-width signs as well. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/** The first line of a CSV export (RFC 4180). */
export const csvHeader = line(COLUMNS);

/** A row, a checkpoint or the end as a line of CSV. */
export function csvLine(what: AuditRow | AuditCheckpoint | AuditExportEnd): string {
  const cells: Record<string, string | number | null> =
    what.type === 'entry'
      ? {
          ...{ ...what, actor: null, target: null, detail: canonicalJson(what.detail) },
          ...{ userId: what.actor.userId, targetKind: what.target.kind, targetId: what.target.id },
          credentialKind: what.actor.credential?.kind ?? null,
          credentialId: what.actor.credential?.id ?? null,
        }
      : what;
  return line(COLUMNS.map((column) => cells[column] ?? ''));
}

/** Cells that would be formulas begin with an apostrophe: the log has texts of strangers. */
function line(cells: readonly (string | number)[]): string {
  const quoted = cells.map((cell) => {
    const text = typeof cell === 'string' && FORMULA.test(cell) ? `'${cell}` : String(cell);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${quoted.join(',')}\r\n`;
}
