import { Api } from '../client/index.ts';
import { configPath, type Environment, readLogin, resolveLogin } from './config.ts';

/** What a command gets from the world: streams, environment and clock, so that it can be run anywhere. */
export interface Context {
  env: Environment;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  nowMs: () => number;
}

/** Where and as whom the commands act. Throws CliError (not signed in) when nobody is. */
export function signedIn(context: Context): { url: string; token: string; api: Api } {
  const stored = readLogin(configPath(context.env));
  const login = resolveLogin(context.env, stored, context.nowMs());
  return { ...login, api: new Api(login.url, login.token) };
}
