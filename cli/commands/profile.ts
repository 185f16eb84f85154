import { type Account, AccountApi } from '../../client/index.ts';
import { type Context, signedIn } from '../context.ts';
import { ago, jsonLine, printable, table } from '../output.ts';

/** `alex account`: what one is called, and by what one signs in. */
export async function showAccount(context: Context, options: { json?: boolean }): Promise<void> {
  print(context, await accountOf(context).account(), options);
}

/** `alex account rename [name]`: what others see; without a name the one from the sign-in again. */
export async function renameAccount(
  context: Context,
  name: string | undefined,
  options: { json?: boolean },
): Promise<void> {
  print(context, await accountOf(context).rename(name ?? null), options);
}

function print(context: Context, account: Account, options: { json?: boolean }): void {
  if (options.json === true) {
    context.stdout.write(jsonLine(account));
    return;
  }
  context.stdout.write(`${printable(account.displayName)} (${printable(account.userId)})\n`);
  if (account.identities.length === 0) return;
  const rows = account.identities.map(({ issuer, provider, email, lastUsedAt }) => [
    ...[printable(provider ?? issuer), printable(email ?? ''), ago(Date.parse(lastUsedAt), context.nowMs())],
  ]);
  context.stdout.write(table([['SIGN-IN', 'ADDRESS', 'USED'], ...rows]));
}

function accountOf(context: Context): AccountApi {
  return new AccountApi(signedIn(context).api.transport);
}
