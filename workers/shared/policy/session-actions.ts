import type { Role } from '../../../protocol/messages/session.ts';
import type { ViewerToSession } from '../../../protocol/messages/viewer.ts';
import type { FrameKind } from '../../../protocol/stream/frame.ts';
import type { Identity, SessionRpc } from '../rpc.ts';

/** Calls not made by a member: one makes the session, one has a secret of its own, the others come from the workspace, the user's actor and the region. */
type Unruled =
  | 'create'
  | 'redeemShareLink'
  | 'limitMember'
  | 'destroyWithWorkspace'
  | 'neededSocketPlaces'
  | 'placementFailed'
  | 'hostWants';
/** Everything a member of a session can ask for: a call, a message or a frame. */
export type Action =
  | `rpc.${Exclude<keyof SessionRpc, Unruled> | 'leave'}`
  | `message.${ViewerToSession['type']}`
  | `frame.${Extract<keyof typeof FrameKind, 'Input' | 'OutputAck'>}`;

/**
 * What somebody is to a session: what its members say, or `steward`: no member, but an owner or admin of its workspace,
 * who may see that it is there and put an end to it, and neither watch nor type.
 */
export type SessionStanding = Role | 'steward';

const KNOWING: readonly SessionStanding[] = ['owner', 'editor', 'viewer', 'steward'];
const ENDING: readonly SessionStanding[] = ['owner', 'steward'];
const EVERYONE: readonly Role[] = ['owner', 'editor', 'viewer'];
const WRITERS: readonly Role[] = ['owner', 'editor'];
const OWNERS: readonly Role[] = ['owner'];

/** Who may do what. What is not listed nobody may. */
export const PERMISSIONS: Readonly<Record<Action, readonly SessionStanding[]>> = {
  'rpc.get': KNOWING,
  'rpc.rename': WRITERS,
  'rpc.destroy': ENDING,
  'rpc.openTerminal': WRITERS,
  'rpc.listTerminals': EVERYONE,
  'rpc.closeTerminal': WRITERS,
  'rpc.mintTicket': EVERYONE,
  'rpc.getState': EVERYONE,
  'rpc.listEvents': EVERYONE,
  'rpc.listParticipants': EVERYONE,
  'rpc.listMembers': KNOWING,
  'rpc.setMember': OWNERS,
  'rpc.removeMember': OWNERS,
  'rpc.exportPart': KNOWING,
  'rpc.transfer': OWNERS,
  'rpc.createShareLink': OWNERS,
  'rpc.listShareLinks': OWNERS,
  'rpc.revokeShareLink': OWNERS,
  /** Removing oneself. */
  'rpc.leave': EVERYONE,
  'message.hello': EVERYONE,
  'message.attach': EVERYONE,
  'message.detach': EVERYONE,
  'message.terminal.open': WRITERS,
  'message.terminal.close': WRITERS,
  'message.terminal.rename': WRITERS,
  'message.resize': WRITERS,
  'message.focus': EVERYONE,
  'message.participants.get': EVERYONE,
  'message.events.since': EVERYONE,
  'message.state.get': EVERYONE,
  'message.sync.check': EVERYONE,
  'message.receipt': EVERYONE,
  'frame.Input': WRITERS,
  'frame.OutputAck': EVERYONE,
};

const RULES = new Map<string, readonly SessionStanding[]>(Object.entries(PERMISSIONS));

/** Whether somebody who stands so (null: a stranger) may do this. */
export function may(standing: SessionStanding | null, action: Action): boolean {
  return standing !== null && RULES.get(action)?.includes(standing) === true;
}

/** How the caller of a request stands to a session of `workspaceId` in which they have `role` (null: they are no member). */
export function standingTo(role: Role | null, workspaceId: string, who: Identity): SessionStanding | null {
  if (role !== null) return role;
  const manages = who.workspaceRole === 'owner' || who.workspaceRole === 'admin';
  return manages && who.workspaceId === workspaceId ? 'steward' : null;
}

const RANK: Record<Role, number> = { viewer: 0, editor: 1, owner: 2 };

/** The lesser of two roles: what a ticket lends is never more than its owner has. Null `cap`: all of it. */
export function lesser(role: Role, cap: Role | null): Role {
  return cap === null || RANK[role] <= RANK[cap] ? role : cap;
}
