import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { CliError, ExitCode, notSignedIn } from './errors.ts';

/** Where `alex` looks when only a token is given. */
export const DEFAULT_URL = 'http://127.0.0.1:8787';

/** What `alex login` keeps. */
const Login = z.object({
  url: z.url(),
  token: z.string().min(1),
  /** The token's end. */
  expiresAt: z.iso.datetime().optional(),
  /** Gives other tokens, until its own end. */
  refreshToken: z.string().min(1).optional(),
  refreshExpiresAt: z.iso.datetime().optional(),
});
export type Login = z.infer<typeof Login>;

/** The environment variables that matter here. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Path of the login file: under `$XDG_CONFIG_HOME`, or `~/.config` when that is unset or not absolute. */
export function configPath(env: Environment): string {
  const xdg = env['XDG_CONFIG_HOME'];
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : join(env['HOME'] ?? homedir(), '.config');
  return join(base, 'alex-edge', 'config.json');
}

/** The stored login, or null when there is none. Throws CliError when the file is broken. */
export function readLogin(path: string): Login | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new CliError(ExitCode.Error, `Cannot read ${path}: ${String(error)}`);
  }
  const parsed = Login.safeParse(parseJson(text));
  if (!parsed.success)
    throw new CliError(ExitCode.Error, `${path} is not a login file. Run "alex login <link>" again.`);
  return parsed.data;
}

/** Stores a login, readable by its owner only. */
export function writeLogin(path: string, login: Login): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(login, null, 2)}\n`, { mode: 0o600 });
  // The mode above only counts for a new file.
  chmodSync(draft, 0o600);
  renameSync(draft, path);
}

/** Forgets the login; true when there was one. */
export function removeLogin(path: string): boolean {
  const had = readLoginQuietly(path);
  rmSync(path, { force: true });
  return had;
}

/**
 * Whom to talk to and as whom: ALEX_TOKEN (with ALEX_URL) before the stored login. A stored token is only ever sent to
 * the address it came from. `stored`: the login that the token is of, which can renew it. Throws CliError (not signed in) when nothing fits.
 */
export function resolveLogin(
  env: Environment,
  stored: Login | null,
  nowMs: number,
): { url: string; token: string; stored: Login | null } {
  const url = originOf(env['ALEX_URL'], 'ALEX_URL');
  const token = env['ALEX_TOKEN'];
  if (token !== undefined && token !== '')
    return { url: url ?? stored?.url ?? DEFAULT_URL, token, stored: null };
  if (stored === null) throw notSignedIn();
  if (url !== null && url !== stored.url) throw notSignedIn(`You are not signed in to ${url}.`);
  const endsAt = stored.refreshExpiresAt ?? stored.expiresAt;
  if (endsAt !== undefined && Date.parse(endsAt) <= nowMs) throw notSignedIn('Your login has ended.');
  return { url: stored.url, token: stored.token, stored };
}

/**
 * Where to sign in, and with which token: that of a link, or null for an edge's address, and where nothing is given for
 * ALEX_URL, the edge of the last login, or {@link DEFAULT_URL}. Throws CliError (usage) for what is neither.
 */
export function loginTarget(
  where: string | undefined,
  env: Environment,
  stored: Login | null,
): { url: string; token: string | null } {
  if (where === undefined)
    return { url: originOf(env['ALEX_URL'], 'ALEX_URL') ?? stored?.url ?? DEFAULT_URL, token: null };
  const url = URL.canParse(where) ? new URL(where) : null;
  const token = url?.searchParams.get('token') ?? null;
  const isLink = url?.pathname === '/sign-in';
  if (url === null || !/^https?:$/.test(url.protocol) || (isLink && (token === null || token === ''))) {
    throw new CliError(
      ExitCode.Usage,
      'That is neither a sign-in link (http://127.0.0.1:8787/sign-in?token=…) nor the address of an edge.',
    );
  }
  return { url: url.origin, token: isLink ? token : null };
}

function originOf(value: string | undefined, name: string): string | null {
  if (value === undefined || value === '') return null;
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
    throw new CliError(ExitCode.Usage, `${name} is not an http(s) address: ${value}`);
  }
  return new URL(value).origin;
}

function readLoginQuietly(path: string): boolean {
  try {
    return readLogin(path) !== null;
  } catch {
    return true;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
