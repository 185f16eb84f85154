import { once } from 'node:events';
import { AuditApi, type AuditRow } from '../../client/api-audit.ts';
import { AuditQuery, MAX_AUDIT_PAGE_ROWS } from '../../protocol/audit/query.ts';
import { type Context, signedIn } from '../context.ts';
import { CliError, ExitCode } from '../errors.ts';
import { jsonLine, printable, table } from '../output.ts';

/** Flags of `alex audit`. Times are ISO 8601. */
export interface ListFlags extends Omit<AuditQuery, 'action' | 'outcome'> {
  action?: string;
  outcome?: string;
  limit: number;
  deployment?: boolean;
  json?: boolean;
}

/** `alex audit`: the newest rows that match, at most `--limit`. */
export async function listAudit(context: Context, flags: ListFlags): Promise<void> {
  const { deployment, json, limit, ...filters } = flags;
  const query = AuditQuery.safeParse(filters);
  if (!query.success) {
    const where = query.error.issues[0]?.path.join('.') ?? 'filter';
    throw new CliError(ExitCode.Usage, `There is no such ${where}; docs/audit.md lists what is logged.`);
  }
  const rows: AuditRow[] = [];
  let cursor: number | null | undefined;
  while (rows.length < limit && cursor !== null) {
    const page = await auditApi(context).list({
      ...{
        ...query.data,
        ...streamOf(deployment),
        limit: Math.min(limit - rows.length, MAX_AUDIT_PAGE_ROWS),
      },
      ...(cursor === undefined ? {} : { cursor }),
    });
    rows.push(...page.rows);
    cursor = page.nextCursor;
  }
  if (json === true) for (const row of rows) context.stdout.write(jsonLine(row));
  else if (rows.length === 0) context.stderr.write('Nothing in the log is like that.\n');
  else
    context.stdout.write(
      table([['SEQ', 'TIME', 'WHO', 'ACTION', 'TARGET', 'OUTCOME', 'DETAIL'], ...rows.map(cells)]),
    );
}

/** How a whole export ends; one that broke off half-way does not. */
const END = {
  jsonl: /(^|\n)\{[^\n]*"type":"end"[^\n]*\}\n$/,
  csv: /(^|\n)end,[^\n]*\n$/,
} as const;
/** The last line of an export is shorter than this. */
const MAX_END_CHARS = 2_000;

/** `alex audit export`: the log as it is, on standard output. */
export async function exportAudit(
  context: Context,
  flags: { format: 'jsonl' | 'csv'; since?: number; deployment?: boolean },
): Promise<void> {
  const { format, since, deployment } = flags;
  const options = { format, ...(since === undefined ? {} : { since }), ...streamOf(deployment) };
  const { body } = await auditApi(context).export(options);
  if (body === null) throw new CliError(ExitCode.Error, 'The export came without a body; try again.');
  let last = '';
  try {
    for await (const chunk of body) {
      last = (last + Buffer.from(chunk).toString()).slice(-MAX_END_CHARS);
      if (!context.stdout.write(chunk)) await once(context.stdout, 'drain');
    }
  } catch {
    last = '';
  }
  if (!END[format].test(last))
    throw new CliError(
      ExitCode.Error,
      'The export broke off; what there is of it is not whole. Try again later.',
    );
}

function auditApi(context: Context): AuditApi {
  return new AuditApi(signedIn(context).api.transport);
}

function streamOf(deployment: boolean | undefined): { stream?: 'deployment' } {
  return deployment === true ? { stream: 'deployment' } : {};
}

function cells(row: AuditRow): string[] {
  const { userId, credential } = row.actor;
  const who = userId ?? (credential === null ? 'nobody known' : credential.kind);
  const facts = Object.entries(row.detail).map(([name, value]) => `${name}=${String(value)}`);
  const why = row.reason === null ? [] : [row.reason];
  return [
    ...[String(row.seq), row.at.replace('T', ' ').slice(0, 19), who, row.action],
    ...[`${row.target.kind}/${row.target.id}`, row.outcome, [...why, ...facts].join(' ')],
  ].map(printable);
}
