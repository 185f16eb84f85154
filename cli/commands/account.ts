import { Api } from '../../client/index.ts';
import { configPath, parseSignInLink, removeLogin, writeLogin } from '../config.ts';
import { type Context, signedIn } from '../context.ts';
import { printable } from '../output.ts';

/** `alex login <link>`: spends a sign-in link and keeps what it gives. */
export async function login(context: Context, link: string): Promise<void> {
  const { url, token } = parseSignInLink(link);
  const answer = await new Api(url).signIn(token);
  writeLogin(configPath(context.env), { url, token: answer.accessToken, expiresAt: answer.expiresAt });
  context.stdout.write(`Signed in to ${url} as ${printable(answer.user.displayName)}.\n`);
}

/** `alex logout`: forgets the login on this machine. */
export function logout(context: Context): void {
  const had = removeLogin(configPath(context.env));
  context.stdout.write(had ? 'Signed out.\n' : 'You were not signed in.\n');
}

/** `alex link`: a new sign-in link, for a browser or another machine. */
export async function link(context: Context, options: { json?: boolean }): Promise<void> {
  const made = await signedIn(context).api.createSignInLink();
  context.stdout.write(options.json === true ? `${JSON.stringify(made)}\n` : `${made.url}\n`);
}
