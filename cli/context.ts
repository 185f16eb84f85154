import { Api } from '../client/index.ts';
import { configPath, type Environment, readLogin, resolveLogin } from './config.ts';
import { StoredTokens } from './stored-tokens.ts';
import { currentWorkspace } from './workspace.ts';

/** What a command gets from the world: streams, environment and clock, so that it can be run anywhere. */
export interface Context {
  env: Environment;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  nowMs: () => number;
  /** The workspace the commands are about; absent: the one in use. */
  workspace?: string;
}

/** Where and as whom the commands act. Throws CliError (not signed in) when nobody is. */
export function signedIn(context: Context): { url: string; api: Api } {
  const path = configPath(context.env);
  const { url, token, stored } = resolveLogin(context.env, readLogin(path), context.nowMs());
  const api = new Api(url, stored === null ? token : new StoredTokens(path, stored));
  api.transport.workspaceId = currentWorkspace(context.env, url, context.workspace);
  return { url, api };
}
