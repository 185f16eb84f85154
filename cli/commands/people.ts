import type { Participant, Role } from '../../protocol/messages/session.ts';
import { type Context, signedIn } from '../context.ts';
import { ago, jsonLine, printable, table } from '../output.ts';
import { latestSession, resolveSession } from '../resolve.ts';
import { allSessions } from './sessions.ts';

/** `alex who [session]`: who is connected now; without a name to the session used last. */
export async function who(
  context: Context,
  wanted: string | undefined,
  options: { json?: boolean },
): Promise<void> {
  const { api } = signedIn(context);
  const sessions = await allSessions(api);
  const session = wanted === undefined ? latestSession(sessions) : resolveSession(sessions, wanted);
  const participants = await api.listParticipants(session.id);
  if (options.json === true) {
    context.stdout.write(jsonLine(participants));
    return;
  }
  if (participants.length === 0) {
    context.stderr.write(`Nobody is connected to ${printable(session.name)}.\n`);
    return;
  }
  const rows = participants.map((each) => [
    printable(each.displayName),
    printable(each.userId),
    each.role,
    printable(each.device ?? ''),
    looksAt(each),
    ago(Date.parse(each.connectedAt), context.nowMs()),
  ]);
  context.stdout.write(table([['NAME', 'USER', 'ROLE', 'DEVICE', 'LOOKS AT', 'SINCE'], ...rows]));
}

/** `alex members <session>`: whom it is shared with. */
export async function members(context: Context, wanted: string, options: { json?: boolean }): Promise<void> {
  const { api, id } = await find(context, wanted);
  const list = await api.listMembers(id);
  if (options.json === true) {
    context.stdout.write(jsonLine(list));
    return;
  }
  const rows = list.map(({ userId, displayName, role }) => [
    printable(userId),
    role,
    printable(displayName ?? ''),
  ]);
  context.stdout.write(table([['USER', 'ROLE', 'NAME'], ...rows]));
}

/** `alex share <session> <userId> --role`: shares it, or changes what somebody may do. */
export async function share(context: Context, wanted: string, userId: string, role: Role): Promise<void> {
  const { api, id } = await find(context, wanted);
  await api.setMember(id, userId, role);
}

/** `alex unshare <session> <userId>`: ends it, at once also for who is connected. */
export async function unshare(context: Context, wanted: string, userId: string): Promise<void> {
  const { api, id } = await find(context, wanted);
  await api.removeMember(id, userId);
}

async function find(context: Context, wanted: string) {
  const { api } = signedIn(context);
  return { api, id: resolveSession(await allSessions(api), wanted).id };
}

function looksAt({ focus }: Participant): string {
  if (focus === null) return '';
  return `terminal ${focus.channel}${focus.scrollLines > 0 ? `, ${focus.scrollLines} lines back` : ''}`;
}
