import { z } from 'zod';
import { canonicalJson, type JsonObject } from '../sync/json.ts';
import { AuditCheckpoint, AuditExportEnd, AuditExportStart, isSignedBy } from './checkpoint.ts';
import { AuditRow, EMPTY_HEAD, hashOf } from './row.ts';

/** Longest line looked at; a row is far shorter. */
const MAX_LINE_CHARS = 64 * 1024;

/** What was found of an export. */
export type AuditVerdict =
  | {
      ok: true;
      workspaceId: string;
      firstSeq: number;
      lastSeq: number;
      /** Checkpoints between the rows. */
      checkpoints: number;
      /** Ids of the keys that signed it. Empty: signatures were not looked at, for want of keys. */
      keys: string[];
    }
  /** `line` counts from 1; `seq`: the first row that is not as it was, null when it is no row that is broken. */
  | { ok: false; line: number; seq: number | null; problem: string };

/** Gives the public Ed25519 key of an id; null: not known. */
export type FindKey = (kid: string) => Promise<CryptoKey | null>;

const Line = z.union([AuditExportStart, AuditRow, AuditCheckpoint, AuditExportEnd]);
type Line = z.infer<typeof Line>;

/**
 * Verifies an export line by line, each with its newline, as `GET /api/v1/audit/export` wrote it. Every line has to be the one text of what it
 * says, so that no byte can be another unseen; rows have to be there without gaps, each with the hash of the one before;
 * checkpoints and the end have to be signed for exactly these rows. Stops at the first thing that is wrong. Without keys
 * (`findKey` null) signatures are not looked at, and whoever can write the file can have made it.
 */
export async function verifyExport(
  lines: AsyncIterable<string> | Iterable<string>,
  findKey: FindKey | null,
): Promise<AuditVerdict> {
  const check = new ExportCheck(findKey);
  for await (const text of lines) {
    const verdict = await check.line(text);
    if (verdict !== null) return verdict;
  }
  return check.verdict();
}

class ExportCheck {
  readonly #findKey: FindKey | null;
  readonly #keys = new Set<string>();
  #lines = 0;
  #start: AuditExportStart | null = null;
  #end: AuditExportEnd | null = null;
  #head = EMPTY_HEAD;
  #checkpoints = 0;

  constructor(findKey: FindKey | null) {
    this.#findKey = findKey;
  }

  async line(text: string): Promise<AuditVerdict | null> {
    this.#lines += 1;
    if (this.#end !== null) return this.#broken('The file goes on behind its end.', null);
    const line = this.#parse(text);
    if (typeof line === 'string') return this.#broken(line, this.#start === null ? null : this.#head.seq + 1);
    if (this.#start === null) return this.#begin(line);
    if (line.type === 'export')
      return this.#broken('A second beginning; these are several exports in one file.', null);
    if (line.workspaceId !== this.#start.workspaceId)
      return this.#broken(`This line is of the log of ${line.workspaceId}.`, 'seq' in line ? line.seq : null);
    if (line.type === 'entry') return this.#row(line);
    return line.type === 'checkpoint' ? this.#checkpoint(line) : this.#finish(line);
  }

  verdict(): AuditVerdict {
    if (this.#start === null) return this.#broken('The file is empty.', null);
    if (this.#end === null) {
      const last = this.#head.seq < this.#start.firstSeq ? 'its beginning' : `row ${this.#head.seq}`;
      return this.#broken(
        `The file is cut off behind ${last}: its signed end is missing. Export it again.`,
        null,
      );
    }
    return {
      ok: true,
      ...{ workspaceId: this.#start.workspaceId, firstSeq: this.#start.firstSeq, lastSeq: this.#head.seq },
      ...{ checkpoints: this.#checkpoints, keys: [...this.#keys] },
    };
  }

  /** The line, or what is wrong with it. */
  #parse(text: string): Line | string {
    if (text.length > MAX_LINE_CHARS) return 'The line is too long for a row.';
    if (!text.endsWith('\n')) return 'The line is cut off: nothing ends it.';
    let value: JsonObject;
    try {
      value = z.record(z.string(), z.json()).parse(JSON.parse(text));
    } catch {
      return 'The line is damaged or cut off: it is not JSON.';
    }
    if (`${canonicalJson(value)}\n` !== text)
      return 'The line was changed: it is not written as the log writes.';
    const line = Line.safeParse(value);
    return line.success ? line.data : 'The line was changed: it is none of an export.';
  }

  #begin(line: Line): AuditVerdict | null {
    if (line.type !== 'export') return this.#broken('The beginning of the file is missing.', null);
    this.#start = line;
    this.#head = { seq: line.firstSeq - 1, hash: EMPTY_HEAD.hash };
    return null;
  }

  #row(row: AuditRow): AuditVerdict | null {
    const { seq, hash } = this.#head;
    if (row.seq > seq + 1)
      return this.#broken(`Row ${seq + 1} is missing: row ${row.seq} stands in its place.`, seq + 1);
    if (row.seq <= seq)
      return this.#broken(`Row ${row.seq} stands behind row ${seq}: rows were swapped or repeated.`, row.seq);
    if (row.hash !== hashOf(row))
      return this.#broken(`Row ${row.seq} was changed: its hash is not that of what it says.`, row.seq);
    // Nothing is before the first row of a log; before that of a part is what the end is signed for.
    const first = row.seq === this.#start?.firstSeq && row.seq > 1;
    if (!first && row.previousHash !== hash)
      return this.#broken(
        `Row ${row.seq} does not follow row ${seq}: one of them was put in place of another.`,
        row.seq,
      );
    this.#head = row;
    return null;
  }

  async #checkpoint(checkpoint: AuditCheckpoint): Promise<AuditVerdict | null> {
    this.#checkpoints += 1;
    return this.#signed(checkpoint, `The checkpoint of row ${checkpoint.seq}`);
  }

  async #finish(end: AuditExportEnd): Promise<AuditVerdict | null> {
    const wrong = await this.#signed(end, 'The end');
    if (wrong !== null) return wrong;
    if (end.firstSeq !== this.#start?.firstSeq)
      return this.#broken(
        `The export began with row ${end.firstSeq}; rows before ${this.#start?.firstSeq} are missing.`,
        end.firstSeq,
      );
    if (end.checkpoints !== this.#checkpoints)
      return this.#broken(
        `The export had ${end.checkpoints} checkpoints; here are ${this.#checkpoints}.`,
        null,
      );
    this.#end = end;
    return null;
  }

  async #signed(line: AuditCheckpoint | AuditExportEnd, what: string): Promise<AuditVerdict | null> {
    const { seq, hash } = this.#head;
    if (line.seq > seq)
      return this.#broken(`${what} is for rows up to ${line.seq}: row ${seq + 1} is missing.`, seq + 1);
    if (line.seq < seq)
      return this.#broken(
        `${what} is for rows up to ${line.seq} but stands behind row ${seq}.`,
        line.seq + 1,
      );
    if (line.hash !== hash)
      return this.#broken(
        `${what} is for another row ${seq}: it, or one before it, was put in place of another.`,
        seq,
      );
    if (this.#findKey === null) return null;
    const key = await this.#findKey(line.kid);
    const row = seq === 0 ? null : seq;
    if (key === null)
      return this.#broken(`${what} names the key ${line.kid}, which is not among the deployment's.`, row);
    if (!(await isSignedBy(key, line)))
      return this.#broken(`${what} has a signature that is not the deployment's.`, row);
    this.#keys.add(line.kid);
    return null;
  }

  #broken(problem: string, seq: number | null): AuditVerdict {
    return { ok: false, line: this.#lines, seq, problem };
  }
}
