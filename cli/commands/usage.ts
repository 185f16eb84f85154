import { bytes, count, duration, levelOf, money, monthName } from '../../client/amounts.ts';
import { WorkspacesApi } from '../../client/index.ts';
import { type Context, signedIn } from '../context.ts';
import { jsonLine, table } from '../output.ts';

/** `alex usage`: what is used of what there is, and what this month has cost. */
export async function usage(context: Context, options: { json?: boolean }): Promise<void> {
  const found = await new WorkspacesApi(signedIn(context).api.transport).usage();
  if (options.json === true) {
    context.stdout.write(jsonLine(found));
    return;
  }
  const { limits, used, own, sockets } = found;
  const limit = (
    what: string,
    amount: number,
    most: number | null,
    say: (amount: number) => string,
  ): string[] => [
    ...[what, say(amount), most === null ? 'no limit' : say(most)],
    { fine: '', near: 'nearly used up', full: 'used up' }[levelOf(amount, most)],
  ];
  const limitRows = [
    limit('your sessions', used.userSessions, limits.userSessions, count),
    limit('sessions of the workspace', used.workspaceSessions, limits.workspaceSessions, count),
    limit('your connections, everywhere', sockets.used, sockets.limit, count),
    limit('storage', used.storageBytes, limits.storageBytes, bytes),
    limit('spend this month', used.spendUsd, limits.usdPerMonth, money),
  ];
  const month = (what: string, say: (of: typeof own) => string): string[] => [what, say(own), say(used)];
  const monthRows = [
    month('sandbox time', (of) => duration(of.sandboxMs)),
    month('processor time', (of) => duration(of.cpuMs)),
    month('spend', (of) => money(of.spendUsd)),
  ];
  const title = monthName(found.month).toUpperCase();
  context.stdout.write(
    `${table([['LIMIT', 'USED', 'OF', ''], ...limitRows])}\n${table([[title, 'YOU', 'ALL'], ...monthRows])}`,
  );
}
