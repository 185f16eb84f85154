import { z } from '@hono/zod-openapi';
import { nameOf } from '../../../protocol/messages/name.ts';
import { DEFAULT_COLS, DEFAULT_ROWS } from '../../../protocol/limits.ts';
import { ErrorCode } from '../../../protocol/messages/errors.ts';
import {
  Channel,
  Member,
  Participant,
  Role,
  SessionEvent,
  SessionId,
  SessionInfo,
  SessionSummary,
  TerminalInfo,
  TerminalSize,
  UserId,
} from '../../../protocol/messages/session.ts';
import {
  Workspace,
  WorkspaceMember,
  WorkspaceName,
  WorkspaceRole,
} from '../../../protocol/messages/workspace.ts';
import { Account, AccountIdentity, ChangeAccount } from '../../../protocol/messages/account.ts';
import { AccessPolicy } from '../../../protocol/messages/access-policy.ts';
import { Deletion, DeletionProgress } from '../../../protocol/messages/deletion.ts';
import { CreatedInvitation, Invitation } from '../../../protocol/messages/invitation.ts';
import { CreatedShareLink, RedeemedShareLink, ShareLink } from '../../../protocol/messages/share-link.ts';
import { MAX_LIFETIME_MS, MIN_LIFETIME_MS } from '../../session-do/limits.ts';

/**
 * The wire's schemas with the names the OpenAPI document shows. Cloned, because only schemas made after the OpenAPI
 * library was loaded have its method, and the protocol may have been loaded first.
 */
export const SessionSchema = SessionInfo.clone().openapi('Session');
export const TerminalSchema = TerminalInfo.clone().openapi('Terminal');

const AnyObjectSchema = z.record(z.string(), z.unknown());
export const EventSchema = SessionEvent.extend({ delta: AnyObjectSchema.nullable() }).openapi('SessionEvent');
export const StateSchema = z
  .object({ version: z.int(), checksum: z.string(), state: AnyObjectSchema })
  .openapi('SharedState');

export const ProblemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: ErrorCode,
    requestId: z.string(),
  })
  .openapi('Problem');

export const SessionSummarySchema = SessionSummary.clone().openapi('SessionSummary');

/** A name has no control characters: it is shown in terminals too. */
const SessionName = nameOf(100);

export const CreateSessionSchema = z
  .object({
    name: SessionName.optional(),
    ttlMs: z.int().min(MIN_LIFETIME_MS).max(MAX_LIFETIME_MS).optional(),
    idleTimeoutMs: z.int().min(MIN_LIFETIME_MS).max(MAX_LIFETIME_MS).optional(),
  })
  .openapi('CreateSession');

export const RenameSessionSchema = z.object({ name: SessionName }).openapi('RenameSession');

export const OpenTerminalSchema = z
  .object({
    size: TerminalSize.default({ cols: DEFAULT_COLS, rows: DEFAULT_ROWS }),
    title: z.string().max(200).optional(),
    command: z.array(z.string().max(4096)).min(1).max(64).optional(),
    requestId: z.string().min(1).max(64).optional(),
  })
  .openapi('OpenTerminal');

export const ParticipantSchema = Participant.clone().openapi('Participant');
export const MemberSchema = Member.clone().openapi('Member');
export const SetMemberSchema = z.object({ role: Role }).openapi('SetMember');
export const WorkspaceSchema = Workspace.clone().openapi('Workspace');
export const WorkspaceMemberSchema = WorkspaceMember.clone().openapi('WorkspaceMember');
export const InvitationSchema = Invitation.clone().openapi('Invitation');
export const CreatedInvitationSchema = CreatedInvitation.clone().openapi('CreatedInvitation');
export const ShareLinkSchema = ShareLink.clone().openapi('ShareLink');
export const CreatedShareLinkSchema = CreatedShareLink.clone().openapi('CreatedShareLink');
export const RedeemedShareLinkSchema = RedeemedShareLink.clone().openapi('RedeemedShareLink');
export const DeletionSchema = Deletion.clone().openapi('Deletion');
export const DeletionProgressSchema = DeletionProgress.clone().openapi('DeletionProgress');
export const AccountSchema = Account.extend({
  identities: AccountIdentity.clone().openapi('AccountIdentity').array(),
}).openapi('Account');
export const ChangeAccountSchema = ChangeAccount.clone().openapi('ChangeAccount');
export const AccessPolicySchema = AccessPolicy.clone().openapi('AccessPolicy');
export const NameWorkspaceSchema = z.object({ name: WorkspaceName }).openapi('NameWorkspace');
export const SetWorkspaceMemberSchema = z.object({ role: WorkspaceRole }).openapi('SetWorkspaceMember');
export const TransferSchema = z.object({ userId: UserId }).openapi('Transfer');
export const CreateTicketSchema = z.object({ role: Role.optional() }).openapi('CreateTicket');
export const UserIdParam = UserId.clone().openapi({
  param: { name: 'userId', in: 'path' },
  example: 'ada',
});

export const WorkspaceIdParam = UserId.clone().openapi({
  param: { name: 'workspaceId', in: 'path' },
  example: 'w_Zk3x0b1TqQ2mV9cL8sYh4A',
});

export const SessionIdParam = SessionId.clone().openapi({
  param: { name: 'id', in: 'path' },
  example: 'Zk3x0b1TqQ2mV9cL8sYh4A',
});
export const SessionIdQuery = SessionId.clone().openapi({ param: { name: 'session', in: 'query' } });
/** Channels arrive as text; anything but a plain decimal number is refused. */
export const ChannelParam = z
  .string()
  .regex(/^[1-9][0-9]{0,9}$/)
  .transform(Number)
  .pipe(Channel)
  .openapi({ param: { name: 'channel', in: 'path' }, type: 'integer', example: 1 });
