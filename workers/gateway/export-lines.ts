import type { Env } from '../shared/env.ts';
import type { Identity, SessionRpc } from '../shared/rpc.ts';
import { keyActor, sessionActor, unwrap, workspaceActor } from './actors.ts';
import type { Line } from './json-lines.ts';

/** Sessions named at once. */
const PAGE_SESSIONS = 100;

/** Everything held of a session, as far as the caller may know it: the record, members, links, and every event kept. */
export async function* sessionLines(env: Env, who: Identity, id: string): AsyncGenerator<Line> {
  const actor: Pick<SessionRpc, 'exportPart'> = sessionActor(env, id);
  for (let after: number | null = null; ;) {
    const part = await actor.exportPart(who, after);
    // Deleted, or no longer shared, since it was listed.
    if (!part.ok) return;
    const { session, members, shareLinks, events, next } = part.value;
    if (session !== null) yield { type: 'session', ...session };
    for (const member of members) yield { type: 'session-member', sessionId: id, ...member };
    for (const link of shareLinks) yield { type: 'share-link', sessionId: id, ...link };
    for (const event of events) yield { type: 'session-event', sessionId: id, event };
    if (next === null) return;
    after = next;
  }
}

/** Everything held of a workspace. */
export async function* workspaceLines(env: Env, who: Identity, workspaceId: string): AsyncGenerator<Line> {
  const actor = workspaceActor(env, workspaceId);
  const { workspace, policy, members, invitations } = unwrap(await actor.exportRecord(who));
  const { role: _role, ...record } = workspace;
  yield { type: 'workspace', ...record, policy };
  for (const member of members) yield { type: 'member', ...member };
  for (const invitation of invitations) yield { type: 'invitation', ...invitation };
  const within = { ...who, workspaceId };
  for (let after = ''; ;) {
    const ids = unwrap(await actor.sessionIds(who, after, PAGE_SESSIONS));
    for (const id of ids) yield* sessionLines(env, within, id);
    after = ids.at(-1) ?? '';
    if (ids.length < PAGE_SESSIONS) return;
  }
}

/**
 * Everything held of an account. `against`: why the policy of a workspace refuses its sessions to this request, null when it
 * does not; what it refuses is named as withheld.
 */
export async function* accountLines(
  env: Env,
  who: Identity,
  against: (workspaceId: string) => Promise<string | null>,
): AsyncGenerator<Line> {
  const user = env.USERS.get(env.USERS.idFromName(who.userId));
  const { identities, devices, workspaces, sessions, chosenName, signInName } = await user.exportAccount();
  yield { type: 'profile', userId: who.userId, displayName: who.displayName, chosenName, signInName };
  for (const identity of identities) yield { type: 'identity', ...identity };
  for (const device of devices) yield { type: 'device', ...device };
  for (const { id } of await user.listKeys()) {
    const key = await keyActor(env, id).describe(who.userId);
    if (key !== null) yield { type: 'api-key', ...key };
  }
  for (const workspace of workspaces) yield { type: 'membership', ...workspace };
  for (const { id, workspaceId } of sessions) {
    const reason = await against(workspaceId);
    if (reason === null) yield* sessionLines(env, { ...who, workspaceId }, id);
    else yield { type: 'withheld', sessionId: id, workspaceId, reason };
  }
}
