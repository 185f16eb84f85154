import { KeysApi } from '../../client/index.ts';
import type { Scope } from '../../protocol/messages/scopes.ts';
import { type Context, signedIn } from '../context.ts';
import { CliError, ExitCode } from '../errors.ts';
import { ago, jsonLine, printable, table } from '../output.ts';

interface JsonOption {
  json?: boolean;
}

/** `alex keys list`: the keys there are; never their secrets. */
export async function listKeys(context: Context, options: JsonOption): Promise<void> {
  const keys = await keysOf(context).list();
  if (options.json === true) {
    context.stdout.write(jsonLine(keys));
    return;
  }
  if (keys.length === 0) {
    context.stderr.write('You have no API keys. "alex keys create" makes one.\n');
    return;
  }
  const nowMs = context.nowMs();
  const rows = keys.map((key) => [
    key.id,
    printable(key.name),
    printable(key.workspaceId),
    key.scopes.join(','),
    key.lastUsedAt === null ? 'never' : ago(Date.parse(key.lastUsedAt), nowMs),
    endOf(key.expiresAt, nowMs),
  ]);
  context.stdout.write(table([['ID', 'NAME', 'WORKSPACE', 'SCOPES', 'LAST USED', 'ENDS'], ...rows]));
}

/** `alex keys create <name> --scope …`: prints the key, this once. */
export async function createKey(
  context: Context,
  name: string,
  options: JsonOption & { scope: Scope[]; days?: number },
): Promise<void> {
  const life = options.days === undefined ? {} : { expiresInMs: options.days * 24 * 3_600_000 };
  const made = await keysOf(context).create({ name, scopes: options.scope, ...life });
  if (options.json === true) {
    context.stdout.write(jsonLine(made));
    return;
  }
  context.stdout.write(`${made.key}\n`);
  context.stderr.write(
    'This is the only time the key is shown. Use it as ALEX_TOKEN, or as a bearer of the API.\n',
  );
}

/** `alex keys revoke <id>`: ends a key. A key itself, or the beginning of an id, will do. */
export async function revokeKey(context: Context, wanted: string): Promise<void> {
  const keys = keysOf(context);
  const start = wanted.startsWith('alex_') ? (wanted.split('_')[1] ?? '') : wanted;
  const found = (await keys.list()).filter(({ id }) => id.startsWith(start));
  const [key] = found;
  if (key === undefined)
    throw new CliError(ExitCode.NotFound, `You have no key ${printable(start)}; see "alex keys list".`);
  if (found.length > 1)
    throw new CliError(ExitCode.Usage, `Several keys begin with ${printable(start)}; say more of the id.`);
  await keys.revoke(key.id);
}

function keysOf(context: Context): KeysApi {
  return new KeysApi(signedIn(context).api.transport);
}

function endOf(expiresAt: string | null, nowMs: number): string {
  if (expiresAt === null) return 'never';
  return Date.parse(expiresAt) <= nowMs ? 'expired' : expiresAt.slice(0, 10);
}
