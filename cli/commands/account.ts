import { hostname } from 'node:os';
import { AccountApi, Api, fixedToken } from '../../client/index.ts';
import { configPath, loginTarget, readLogin, removeLogin, writeLogin } from '../config.ts';
import { type Context, signedIn } from '../context.ts';
import { CliError, ExitCode } from '../errors.ts';
import { ago, jsonLine, printable, table } from '../output.ts';
import { loginByCode } from '../login-by-code.ts';
import { loginOf } from '../stored-tokens.ts';

interface JsonOption {
  json?: boolean;
}

/** `alex login [where]`: spends a sign-in link, or has somebody confirm a code in a browser, and keeps what it gives. */
export async function login(context: Context, where: string | undefined): Promise<void> {
  const target = loginTarget(where, context.env, readLogin(configPath(context.env)));
  const edge = new AccountApi(new Api(target.url, fixedToken(null)).transport);
  const answer =
    target.token === null
      ? await loginByCode(context, edge, deviceName())
      : await edge.signIn(target.token, deviceName());
  writeLogin(configPath(context.env), loginOf(target.url, answer));
  context.stdout.write(`Signed in to ${target.url} as ${printable(answer.user.displayName)}.\n`);
}

/** `alex logout`: signs this machine out, at the edge and here. */
export async function logout(context: Context): Promise<void> {
  const path = configPath(context.env);
  const stored = readLogin(path);
  removeLogin(path);
  context.stdout.write(stored === null ? 'You were not signed in.\n' : 'Signed out.\n');
  if (stored?.refreshToken === undefined) return;
  const edge = new AccountApi(new Api(stored.url, stored.token).transport);
  await edge.signOut(stored.refreshToken).catch(() => {
    context.stderr.write(
      'alex: The edge could not be told. "alex devices revoke", where you are signed in, ends this login there, too.\n',
    );
  });
}

/** `alex link`: a new sign-in link, for a browser or another machine. */
export async function link(context: Context, options: JsonOption): Promise<void> {
  const made = await account(context).createSignInLink();
  context.stdout.write(options.json === true ? jsonLine(made) : `${made.url}\n`);
}

/** `alex whoami`: as whom the commands act, and where. */
export async function whoami(context: Context, options: JsonOption): Promise<void> {
  const { url, api } = signedIn(context);
  const { user, deviceId } = await new AccountApi(api.transport).me();
  if (options.json === true) {
    context.stdout.write(jsonLine({ url, user, deviceId }));
    return;
  }
  const operator = user.operator === true ? ', operator' : '';
  context.stdout.write(`${printable(user.displayName)} (${printable(user.userId)}${operator}) at ${url}\n`);
}

/** `alex devices`: where one is signed in. */
export async function devices(context: Context, options: JsonOption): Promise<void> {
  const list = await account(context).listDevices();
  if (options.json === true) {
    context.stdout.write(jsonLine(list));
    return;
  }
  const rows = list.map((device) => [
    device.id,
    printable(device.label),
    printable(device.address),
    ago(Date.parse(device.createdAt), context.nowMs()),
    device.current ? 'this one' : ago(Date.parse(device.lastUsedAt), context.nowMs()),
  ]);
  context.stdout.write(table([['ID', 'DEVICE', 'ADDRESS', 'SINCE', 'USED'], ...rows]));
}

/** `alex devices revoke`: signs a device out, or all of them. */
export async function revokeDevices(
  context: Context,
  id: string | undefined,
  options: { all?: boolean },
): Promise<void> {
  if ((id === undefined) === (options.all !== true))
    throw new CliError(ExitCode.Usage, 'Name a device (see "alex devices"), or say --all.');
  if (id === undefined) await account(context).signOutEverywhere();
  else await revokeDevice(context, id);
}

async function revokeDevice(context: Context, wanted: string): Promise<void> {
  const found = (await account(context).listDevices()).filter(({ id }) => id.startsWith(wanted));
  const [device] = found;
  if (device === undefined)
    throw new CliError(ExitCode.NotFound, `You have no device ${printable(wanted)}; see "alex devices".`);
  if (found.length > 1)
    throw new CliError(
      ExitCode.Usage,
      `Several devices begin with ${printable(wanted)}; say more of the id.`,
    );
  await account(context).revokeDevice(device.id);
}

function account(context: Context): AccountApi {
  return new AccountApi(signedIn(context).api.transport);
}

/** What this machine is called among one's devices. */
function deviceName(): string {
  return `alex on ${hostname()}`.slice(0, 100);
}
