import { ShareLinksApi } from '../../client/index.ts';
import type { SharedRole } from '../../protocol/messages/share-link.ts';
import { type Context, signedIn } from '../context.ts';
import { ago, jsonLine, table } from '../output.ts';
import { resolveSession } from '../resolve.ts';
import { allSessions } from './sessions.ts';

interface JsonOption {
  json?: boolean;
}

/** `alex share <session>` without a person: prints a link, which is told this once. */
export async function shareByLink(
  context: Context,
  wanted: string,
  options: JsonOption & { role: SharedRole; expires?: number; maxUses?: number; signedInOnly?: boolean },
): Promise<void> {
  const { links, id } = await find(context, wanted);
  const { role, expires, maxUses, signedInOnly } = options;
  const made = await links.create(id, {
    role,
    ...(expires === undefined ? {} : { lifetimeMs: expires }),
    ...(maxUses === undefined ? {} : { maxUses }),
    ...(signedInOnly === undefined ? {} : { signedInOnly }),
  });
  context.stdout.write(options.json === true ? jsonLine(made) : `${made.url}\n`);
}

/** `alex share list <session>`: its links. */
export async function listLinks(context: Context, wanted: string, options: JsonOption): Promise<void> {
  const { links, id } = await find(context, wanted);
  const list = await links.list(id);
  if (options.json === true) {
    context.stdout.write(jsonLine(list));
    return;
  }
  const nowMs = context.nowMs();
  const rows = list.map((link) => {
    const expired = Date.parse(link.expiresAt) <= nowMs;
    const state = link.revokedAt !== null ? 'revoked' : expired ? 'expired' : 'good';
    const made = ago(Date.parse(link.createdAt), nowMs);
    return [
      link.id,
      link.role,
      `${link.uses}/${link.maxUses}`,
      state,
      link.signedInOnly ? 'signed in' : 'anybody',
      made,
    ];
  });
  context.stdout.write(table([['ID', 'ROLE', 'USES', 'STATE', 'FOR', 'MADE'], ...rows]));
}

/** `alex share revoke <session> <link>`: whoever came by it is out at once. */
export async function revokeLink(context: Context, wanted: string, linkId: string): Promise<void> {
  const { links, id } = await find(context, wanted);
  await links.revoke(id, linkId);
}

/** `alex transfer <session> <userId>`. */
export async function transferSession(context: Context, wanted: string, userId: string): Promise<void> {
  const { links, id } = await find(context, wanted);
  await links.transfer(id, userId);
}

async function find(context: Context, wanted: string) {
  const { api } = signedIn(context);
  const { id } = resolveSession(await allSessions(api), wanted);
  return { id, links: new ShareLinksApi(api.transport) };
}
