import type { AuditCheckpoint } from './checkpoint.ts';
import type { AuditRow } from './row.ts';

/** What an export will hold: rows from the first to the last, with its own entry among them. */
export interface AuditExportRange {
  workspaceId: string;
  firstSeq: number;
  lastSeq: number;
}
/** Some rows of an export, and the checkpoints of rows among them. */
export interface AuditExportPart {
  rows: AuditRow[];
  checkpoints: AuditCheckpoint[];
}
