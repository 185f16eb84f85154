import { z } from 'zod';
import { Agent } from '../../../protocol/messages/access-policy.ts';
import type { Identity } from '../rpc.ts';
import { type Circumstances, refusedBy } from './conditions.ts';
import { decide, type Decision, refusal, type Refusal } from './decide.ts';
import { NEW_NETWORK_MS } from './risk.ts';
import type { AccessRule } from './rules.ts';
import type { WorkspaceStanding } from './standing.ts';

/** The rule by which tickets are given, and by which the sockets they opened stay open. */
export const SOCKET_RULE: AccessRule = {
  ...{ action: 'read', resource: 'Session', scope: 'sessions:read', where: 'current', sensitive: false },
};

/**
 * What a viewer's socket stands on: whatever is needed to decide again whether it may stay. It travels in the ticket and
 * in the socket's attachment, which is small. What is absent is unknown.
 */
export const SocketAccess = z.object({
  /** What its person proved with who they are; null: nothing that could end. */
  credential: z
    .object({ kind: z.enum(['link', 'device', 'api-key', 'guest']), id: z.string().max(64) })
    .nullable(),
  /** The workspace that its person comes from: the session's, or their own; null: a guest's, who is in none. */
  workspaceId: z.string().nullable(),
  address: z.string().max(64).nullable(),
  authenticatedAtMs: z.number().nullable(),
  /** What acts for its person; null: unknown. */
  agent: Agent.nullable().default(null),
  /** Until then the network is new to the credential; 0: it is not. */
  newNetworkUntilMs: z.number(),
});
export type SocketAccess = z.infer<typeof SocketAccess>;

/** What the socket of a ticket that somebody asks for now will stand on. */
export function accessOf(who: Identity, nowMs: number): SocketAccess {
  const { credential, address, authenticatedAtMs, newNetwork, agent } = who;
  const from = who.workspaceRole === undefined ? who.userId : who.workspaceId;
  return {
    credential: credential ?? null,
    workspaceId: who.onlySession === undefined ? from : null,
    address: address ?? null,
    authenticatedAtMs: authenticatedAtMs ?? null,
    agent: agent ?? null,
    newNetworkUntilMs: newNetwork === true ? nowMs + NEW_NETWORK_MS : 0,
  };
}

/** What the actors say that a socket's access depends on. */
export interface SocketFacts {
  credential: 'active' | 'ended';
  /** Its user's, in the workspace they come from; null: a guest, who is in none. */
  own: WorkspaceStanding | null;
  /** Its user's, in the session's workspace, where that is another one; null: it is the same. */
  place: WorkspaceStanding | null;
}

/**
 * Decides whether a socket may stay, as a request for its ticket would be decided now. What its user is in the session,
 * the session knows by itself; what a key is limited to, never changes.
 */
export function decideSocket(
  access: SocketAccess,
  facts: SocketFacts,
  nowMs: number,
  recentDenials: number,
): Decision {
  if (facts.credential === 'ended') return ended(access);
  const about: Circumstances = {
    nowMs,
    ...(access.address === null ? {} : { address: access.address }),
    ...(access.agent === null ? {} : { agent: access.agent }),
    ...(access.authenticatedAtMs === null ? {} : { authenticatedAtMs: access.authenticatedAtMs }),
    risk: { newNetwork: nowMs < access.newNetworkUntilMs, recentDenials },
  };
  if (facts.own !== null) {
    if (facts.own.role === null) return LEFT;
    const own = decide(SOCKET_RULE, { operator: false, scopes: null }, facts.own, about);
    if (!own.allowed) return own;
  }
  const against = facts.place === null ? null : refusedBy(facts.place.policy, SOCKET_RULE.sensitive, about);
  return against === null ? { allowed: true } : refusal(against);
}

const LEFT: Refusal = {
  allowed: false,
  code: 'forbidden',
  reason: 'You are not in the workspace of this session any more; ask an owner of it.',
};

function ended({ credential }: SocketAccess): Refusal {
  const reason =
    credential?.kind === 'api-key'
      ? 'This API key was revoked or has expired; use another one.'
      : 'You were signed out here; sign in again. What runs in the session goes on.';
  return { allowed: false, code: 'unauthenticated', reason };
}
