import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { WorkspacesApi } from '../../client/index.ts';
import { AccessPolicy } from '../../protocol/messages/access-policy.ts';
import type { Context } from '../context.ts';
import { CliError, ExitCode } from '../errors.ts';
import { find } from './workspaces.ts';

/** `alex workspaces policy [workspace]`: prints what it asks of every request, as JSON; with `set` that of a file first. */
export async function policy(
  context: Context,
  wanted: string | undefined,
  options: { set?: string },
): Promise<void> {
  const next = options.set === undefined ? null : await read(context, options.set);
  const { api, id } = await find(context, wanted);
  const workspaces = new WorkspacesApi(api.transport);
  const now = next === null ? await workspaces.getPolicy(id) : await workspaces.setPolicy(id, next);
  context.stdout.write(`${JSON.stringify(now, null, 2)}\n`);
}

async function read(context: Context, file: string): Promise<AccessPolicy> {
  try {
    const json = file === '-' ? await text(context.stdin) : readFileSync(file, 'utf8');
    const parsed = AccessPolicy.safeParse(JSON.parse(json));
    if (parsed.success) return parsed.data;
    throw new CliError(ExitCode.Usage, `That is no policy.\n${z.prettifyError(parsed.error)}`);
  } catch (error) {
    if (error instanceof CliError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(ExitCode.Usage, `The policy cannot be read: ${why}`);
  }
}
