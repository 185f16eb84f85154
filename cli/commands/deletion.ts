import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { AccountApi, DeletionApi, type Deletion } from '../../client/index.ts';
import { type Context, signedIn } from '../context.ts';
import { CliError, ExitCode } from '../errors.ts';
import { printable } from '../output.ts';
import { find } from './workspaces.ts';

/** How often a deletion is asked after, and how long before the rest is left to the edge. */
const ASK_EVERY_MS = 500;
const WAIT_MS = 10 * 60_000;

/** An export's last line is shorter than this. */
const MAX_END_CHARS = 100;

interface DeleteOptions {
  confirm?: string;
  wait: boolean;
}

/** `alex workspaces export`: JSON lines on standard output. */
export async function exportWorkspace(context: Context, wanted: string | undefined): Promise<void> {
  const { api, id } = await find(context, wanted);
  await write(context, await new DeletionApi(api.transport).exportWorkspace(id));
}

/** `alex account export`: JSON lines on standard output. */
export async function exportAccount(context: Context): Promise<void> {
  await write(context, await new DeletionApi(signedIn(context).api.transport).exportAccount());
}

/** `alex workspaces delete <workspace>`. */
export async function deleteWorkspace(
  context: Context,
  wanted: string,
  options: DeleteOptions,
): Promise<void> {
  const { api, id, name } = await find(context, wanted);
  const what = `the workspace ${printable(name)} with all its sessions and files`;
  const confirm = await confirmed(context, options, what, name);
  const deletion = new DeletionApi(api.transport);
  await follow(context, deletion, await deletion.deleteWorkspace(id, confirm), options.wait);
}

/** `alex account delete`. */
export async function deleteAccount(context: Context, options: DeleteOptions): Promise<void> {
  const { api } = signedIn(context);
  const { user } = await new AccountApi(api.transport).me();
  const confirm = await confirmed(context, options, 'your account with everything of yours', user.userId);
  const deletion = new DeletionApi(api.transport);
  await follow(context, deletion, await deletion.deleteAccount(confirm), options.wait);
}

async function confirmed(
  context: Context,
  { confirm }: DeleteOptions,
  what: string,
  name: string,
): Promise<string> {
  if (confirm !== undefined) return confirm;
  if (!context.stdin.isTTY)
    throw new CliError(
      ExitCode.Usage,
      `This deletes ${what}. Say so with --confirm ${JSON.stringify(name)}.`,
    );
  const prompt = createInterface({ input: context.stdin, output: context.stderr });
  try {
    context.stderr.write(
      `This deletes ${what}, for good. An export is made by "export" in place of "delete".\n`,
    );
    return await prompt.question(`Type ${printable(name)} to delete it: `);
  } finally {
    prompt.close();
  }
}

/** Says what a deletion is at until it is done. */
async function follow(context: Context, api: DeletionApi, begun: Deletion, wait: boolean): Promise<void> {
  const untilMs = context.nowMs() + WAIT_MS;
  for (let said = ''; wait && context.nowMs() < untilMs;) {
    const progress = await api.progress(begun);
    if (progress.state === 'done') {
      context.stderr.write('Deleted.\n');
      return;
    }
    const left = progress.sessionsLeft === 0 ? '' : `, ${progress.sessionsLeft} left`;
    const line = `Deleting ${progress.doing}${left}\n`;
    if (line !== said) context.stderr.write(line);
    said = line;
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
  context.stderr.write('It is being deleted; the edge goes on by itself.\n');
}

async function write(context: Context, body: ReadableStream<Uint8Array>): Promise<void> {
  const reader = body.getReader();
  let last = '';
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    last = (last + Buffer.from(read.value).toString()).slice(-MAX_END_CHARS);
    if (!context.stdout.write(read.value)) await once(context.stdout, 'drain');
  }
  // One that broke off half-way lacks its last line.
  if (!/\n\{"type":"end","lines":\d+\}\n$/.test(last))
    throw new CliError(ExitCode.Error, 'The export broke off; make it again.');
}
