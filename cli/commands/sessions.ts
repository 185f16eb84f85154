import type { Api, SessionSummary } from '../../client/index.ts';
import { type Context, signedIn } from '../context.ts';
import { CliError } from '../errors.ts';
import { ago, dim, jsonLine, printable, printableLines, table, wantsColor } from '../output.ts';
import { resolveSession } from '../resolve.ts';

/** Sessions asked for at a time, and at most in all. */
const PAGE_SESSIONS = 200;
const MAX_SESSIONS = 10_000;

/** Every session of the user, newest first; at most {@link MAX_SESSIONS}. */
export async function allSessions(api: Api): Promise<SessionSummary[]> {
  const sessions: SessionSummary[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.listSessions({
      limit: PAGE_SESSIONS,
      ...(cursor === undefined ? {} : { cursor }),
    });
    sessions.push(...page.sessions);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && sessions.length < MAX_SESSIONS);
  return sessions;
}

/** `alex ls`. */
export async function list(context: Context, options: { json?: boolean }): Promise<void> {
  const sessions = await allSessions(signedIn(context).api);
  if (options.json === true) {
    context.stdout.write(jsonLine(sessions));
    return;
  }
  if (sessions.length === 0) {
    context.stderr.write('You have no sessions. "alex new" makes one.\n');
    return;
  }
  const nowMs = context.nowMs();
  const rows = sessions.map((session) => [
    session.id,
    printable(session.name),
    session.status,
    session.region,
    ago(Date.parse(session.lastAccessedAt), nowMs),
  ]);
  const [head = '', ...lines] = table([['ID', 'NAME', 'STATUS', 'REGION', 'USED'], ...rows]).split(/^/m);
  const heading = dim(head.trimEnd(), wantsColor(context.stdout, context.env));
  context.stdout.write(`${heading}\n${lines.join('')}`);
}

/** `alex new [name]`: prints the id, so that scripts can use it. */
export async function create(
  context: Context,
  name: string | undefined,
  options: { json?: boolean },
): Promise<void> {
  const session = await signedIn(context).api.createSession(name === undefined ? {} : { name });
  context.stdout.write(options.json === true ? jsonLine(session) : `${session.id}\n`);
}

/** `alex rename <session> <name>`. */
export async function rename(context: Context, wanted: string, name: string): Promise<void> {
  const { api } = signedIn(context);
  const session = resolveSession(await allSessions(api), wanted);
  await api.renameSession(session.id, name);
}

/** `alex rm <session>...`: goes on after a failure, and fails at the end if one did. */
export async function remove(context: Context, wanted: readonly string[]): Promise<void> {
  const { api } = signedIn(context);
  const sessions = await allSessions(api);
  let failure: CliError | null = null;
  for (const each of wanted) {
    try {
      await api.deleteSession(resolveSession(sessions, each).id);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      context.stderr.write(`alex: ${printableLines(error.message)}\n`);
      failure = error;
    }
  }
  if (failure !== null) throw new CliError(failure.exitCode, '');
}
