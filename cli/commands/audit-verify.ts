import { createReadStream, readFileSync } from 'node:fs';
import { importJWK } from 'jose';
import { z } from 'zod';
import { linesOf } from '../../protocol/audit/lines.ts';
import { type AuditVerdict, type FindKey, verifyExport } from '../../protocol/audit/verify.ts';
import { configPath, readLogin, resolveLogin } from '../config.ts';
import type { Context } from '../context.ts';
import { CliError, ExitCode } from '../errors.ts';
import { jsonLine, printable } from '../output.ts';

const FETCH_TIMEOUT_MS = 10_000;
const KEYS_PATH = '/.well-known/audit-keys.json';
const KeySet = z.object({
  keys: z.array(z.looseObject({ kid: z.string(), kty: z.string(), crv: z.string(), x: z.string() })),
});
type KeySet = z.infer<typeof KeySet>;

/** `alex audit verify FILE`: says whether an export is whole, and if not, which row is the first that is not as it was. */
export async function verifyAudit(
  context: Context,
  file: string,
  options: { jwks?: string; json?: boolean },
): Promise<ExitCode> {
  const keys = await findKeys(context, options.jwks);
  const verdict = await verifyExport(linesOf(open(context, file)), keys === null ? null : finderIn(keys));
  if (options.json === true) context.stdout.write(jsonLine(verdict));
  if (!verdict.ok) {
    const row = verdict.seq === null ? '' : `, row ${verdict.seq}`;
    context.stderr.write(
      `alex: ${printable(file)} is broken at line ${verdict.line}${row}: ${printable(verdict.problem)}\n`,
    );
    return ExitCode.Error;
  }
  if (options.json !== true) context.stdout.write(describe(verdict));
  if (keys !== null) return ExitCode.Ok;
  context.stderr.write(
    `alex: Its signatures were not checked: give the deployment's keys by --jwks; it publishes them at ${KEYS_PATH}.\n`,
  );
  return ExitCode.Unverified;
}

function describe(verdict: Extract<AuditVerdict, { ok: true }>): string {
  const { workspaceId, firstSeq, lastSeq, checkpoints, keys } = verdict;
  const signed = keys.length === 0 ? '' : `, signed by ${keys.join(', ')}`;
  const rows = `rows ${firstSeq} to ${lastSeq} of the log of ${printable(workspaceId)}`;
  return `Whole: ${rows}, ${checkpoints} ${checkpoints === 1 ? 'checkpoint' : 'checkpoints'} between them${signed}.\n`;
}

async function* open(context: Context, file: string): AsyncGenerator<Uint8Array> {
  const stream = file === '-' ? context.stdin : createReadStream(file);
  try {
    for await (const chunk of stream)
      yield typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
  } catch (error) {
    throw new CliError(ExitCode.Error, `Cannot read ${printable(file)}: ${reasonOf(error)}`);
  }
}

/** Why something could not be read, e.g. `no such file or directory`. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /^E[A-Z]+: (.*?)(, .*)?$/.exec(message)?.[1] ?? message;
}

/** The keys named, or those of where one is signed in. Null: there are none to be had. */
async function findKeys(context: Context, named: string | undefined): Promise<KeySet | null> {
  if (named !== undefined) return parseKeys(await textOf(named), named);
  try {
    const { url } = resolveLogin(context.env, readLogin(configPath(context.env)), context.nowMs());
    return parseKeys(await textOf(new URL(KEYS_PATH, url).href), url);
  } catch {
    return null;
  }
}

async function textOf(place: string): Promise<string> {
  try {
    if (!/^https?:\/\//.test(place)) return readFileSync(place, 'utf8');
    const response = await fetch(place, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    return await response.text();
  } catch (error) {
    throw new CliError(ExitCode.Error, `Cannot read the keys at ${printable(place)}: ${reasonOf(error)}`);
  }
}

function parseKeys(text: string, place: string): KeySet {
  try {
    return KeySet.parse(JSON.parse(text));
  } catch {
    throw new CliError(ExitCode.Error, `${printable(place)} is no JSON Web Key Set.`);
  }
}

function finderIn({ keys }: KeySet): FindKey {
  return async (kid) => {
    const jwk = keys.find((key) => key.kid === kid);
    if (jwk === undefined || jwk.kty !== 'OKP' || jwk.crv !== 'Ed25519') return null;
    const key = await importJWK({ kty: jwk.kty, crv: jwk.crv, x: jwk.x }, 'EdDSA');
    return key instanceof Uint8Array ? null : key;
  };
}
