import type { AuditExportEnd, AuditExportStart } from '../../protocol/audit/checkpoint.ts';
import type { AuditExportPart, AuditExportRange } from '../../protocol/audit/export.ts';
import { canonicalJson, type JsonObject } from '../../protocol/sync/json.ts';
import type { Identity } from '../shared/rpc.ts';
import { type workspaceActor, unwrap } from './actors.ts';
import { csvHeader, csvLine } from './audit-csv.ts';

export type AuditExportFormat = 'jsonl' | 'csv';
export const EXPORT_TYPES: Readonly<Record<AuditExportFormat, string>> = {
  jsonl: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
};

/** What the text of an export is made of, in its order. */
interface Texts {
  begin(start: AuditExportStart): string;
  part(part: AuditExportPart): string;
  end(end: AuditExportEnd): string;
}
const jsonLine = (line: JsonObject) => `${canonicalJson(line)}\n`;
const TEXTS: Readonly<Record<AuditExportFormat, Texts>> = {
  jsonl: { begin: jsonLine, part: (part) => inOrder(part).map(jsonLine).join(''), end: jsonLine },
  csv: { begin: () => csvHeader, part: (part) => inOrder(part).map(csvLine).join(''), end: csvLine },
};

/**
 * The rows of a log as a stream of text, read from its actor as fast as the reader takes it. Rejects when not even the
 * first rows can be had. A stream that fails midway is broken off without its signed end, by which everybody sees that it
 * is cut off.
 */
export async function exportStream(
  actor: ReturnType<typeof workspaceActor>,
  who: Identity,
  range: AuditExportRange,
  format: AuditExportFormat,
): Promise<ReadableStream<Uint8Array>> {
  const { workspaceId, firstSeq, lastSeq } = range;
  const texts = TEXTS[format];
  const encoder = new TextEncoder();
  let told = firstSeq - 1;
  let first: AuditExportPart | null = unwrap(await actor.auditExportPart(who, told, lastSeq));
  let checkpoints = 0;
  return new ReadableStream({
    start(controller) {
      controller.enqueue(encoder.encode(texts.begin({ type: 'export', version: 1, workspaceId, firstSeq })));
    },
    async pull(controller) {
      if (told === lastSeq) {
        const end = unwrap(await actor.endAuditExport(who, { firstSeq, lastSeq, checkpoints }));
        controller.enqueue(encoder.encode(texts.end(end)));
        return controller.close();
      }
      const part: AuditExportPart = first ?? unwrap(await actor.auditExportPart(who, told, lastSeq));
      first = null;
      const last = part.rows.at(-1);
      if (last === undefined) throw new Error(`audit: no row behind ${told}`);
      told = last.seq;
      checkpoints += part.checkpoints.length;
      controller.enqueue(encoder.encode(texts.part(part)));
    },
  });
}

/** Each checkpoint behind its row. */
function inOrder({ rows, checkpoints }: AuditExportPart) {
  const bySeq = new Map(checkpoints.map((checkpoint) => [checkpoint.seq, checkpoint]));
  return rows.flatMap((row) => {
    const checkpoint = bySeq.get(row.seq);
    return checkpoint === undefined ? [row] : [row, checkpoint];
  });
}
