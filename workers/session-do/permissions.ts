import type { Role } from '../../protocol/messages/session.ts';
import type { ViewerToSession } from '../../protocol/messages/viewer.ts';
import type { FrameKind } from '../../protocol/stream/frame.ts';
import type { SessionRpc } from '../shared/rpc.ts';

/** Calls not made by a member: one makes the session, the others come from the workspace and the region. */
type Unruled = 'create' | 'limitMember' | 'placementFailed' | 'hostWants';
/** Everything a member of a session can ask for: a call, a message or a frame. */
export type Action =
  | `rpc.${Exclude<keyof SessionRpc, Unruled> | 'leave'}`
  | `message.${ViewerToSession['type']}`
  | `frame.${Extract<keyof typeof FrameKind, 'Input' | 'OutputAck'>}`;

const EVERYONE: readonly Role[] = ['owner', 'editor', 'viewer'];
const WRITERS: readonly Role[] = ['owner', 'editor'];
const OWNERS: readonly Role[] = ['owner'];

/** Who may do what. What is not listed nobody may. */
export const PERMISSIONS: Readonly<Record<Action, readonly Role[]>> = {
  'rpc.get': EVERYONE,
  'rpc.rename': WRITERS,
  'rpc.destroy': OWNERS,
  'rpc.openTerminal': WRITERS,
  'rpc.listTerminals': EVERYONE,
  'rpc.closeTerminal': WRITERS,
  'rpc.mintTicket': EVERYONE,
  'rpc.getState': EVERYONE,
  'rpc.listEvents': EVERYONE,
  'rpc.listParticipants': EVERYONE,
  'rpc.listMembers': EVERYONE,
  'rpc.setMember': OWNERS,
  'rpc.removeMember': OWNERS,
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

const RULES = new Map<string, readonly Role[]>(Object.entries(PERMISSIONS));

/** Whether somebody with this role (null: no member) may do this. */
export function may(role: Role | null, action: Action): boolean {
  return role !== null && RULES.get(action)?.includes(role) === true;
}

const RANK: Record<Role, number> = { viewer: 0, editor: 1, owner: 2 };

/** The lesser of two roles: what a ticket lends is never more than its owner has. Null `cap`: all of it. */
export function lesser(role: Role, cap: Role | null): Role {
  return cap === null || RANK[role] <= RANK[cap] ? role : cap;
}
