import type { AuditExportEnd } from '../../protocol/audit/checkpoint.ts';
import type { AuditDraft, AuditEntry } from '../../protocol/audit/entry.ts';
import type { AuditExportPart, AuditExportRange } from '../../protocol/audit/export.ts';
import type { AuditPage, AuditQuery } from '../../protocol/audit/query.ts';
import type { DeletionProgress } from '../../protocol/messages/deletion.ts';
import type { Invitation, InvitedRole } from '../../protocol/messages/invitation.ts';
import type {
  Workspace,
  WorkspaceKind,
  WorkspaceMember,
  WorkspaceRole,
} from '../../protocol/messages/workspace.ts';
import type { WorkspaceUsage } from '../../protocol/messages/usage.ts';
import type { DirectorySession } from './directory/sessions.ts';
import type { DirectorySignIn } from './directory/sign-ins.ts';
import type { AccessPolicy } from './policy/access-policy.ts';
import type { WorkspaceStanding } from './policy/standing.ts';
import type { Identity, Outcome } from './rpc.ts';
import type { SessionUsage } from './usage-rpc.ts';

/** Everything held of a workspace besides its sessions and its audit log. */
export interface WorkspaceExport {
  workspace: Workspace;
  policy: AccessPolicy;
  members: WorkspaceMember[];
  invitations: Invitation[];
}

/** A row of a user's list of workspaces. */
export interface WorkspaceListRow {
  id: string;
  name: string;
  kind: WorkspaceKind;
  role: WorkspaceRole;
  createdAtMs: number;
}

/** Typed RPC of WorkspaceDO (addressed by `idFromName(workspaceId)`). Who is not in it gets `not-found`. */
export interface WorkspaceRpc {
  /** Makes a team's workspace; whoever asks is its owner. Asked again, it answers what is there. */
  create(who: Identity, input: { id: string; name: string }): Promise<Outcome<Workspace>>;
  get(who: Identity): Promise<Outcome<Workspace>>;
  rename(who: Identity, name: string): Promise<Outcome<Workspace>>;
  listMembers(who: Identity): Promise<Outcome<WorkspaceMember[]>>;
  /** Gives a member another role. `conflict`: the last owner; `forbidden`: what only an owner may. */
  setMember(who: Identity, userId: string, role: WorkspaceRole): Promise<Outcome<WorkspaceMember>>;
  /** Takes a member off, out of the workspace's sessions as well; oneself: leaves. `conflict`: the last owner. */
  removeMember(who: Identity, userId: string): Promise<Outcome<null>>;
  /** Makes another member the owner in one's place; one stays as an admin. */
  transfer(who: Identity, userId: string): Promise<Outcome<null>>;
  /** What the workspace asks of requests. */
  policy(who: Identity): Promise<Outcome<AccessPolicy>>;
  setPolicy(who: Identity, policy: AccessPolicy): Promise<Outcome<AccessPolicy>>;
  /** Newest first. */
  listInvitations(who: Identity): Promise<Outcome<Invitation[]>>;
  /** `tokenHash` of a secret that only the invitation's bearer will know; `email` null: whoever has it may come. */
  createInvitation(
    who: Identity,
    input: {
      tokenHash: string;
      email: string | null;
      role: InvitedRole;
      lifetimeMs: number;
      maxUses: number;
    },
  ): Promise<Outcome<Invitation>>;
  revokeInvitation(who: Identity, id: string): Promise<Outcome<null>>;
  /** Takes in whoever has the secret. `verifiedEmails`: addresses that who they sign in with vouches for. */
  acceptInvitation(who: Identity, tokenHash: string, verifiedEmails: string[]): Promise<Outcome<Workspace>>;
  /** Notes that somebody takes everything along; ask it before anything goes out. */
  beginExport(who: Identity): Promise<Outcome<null>>;
  exportRecord(who: Identity): Promise<Outcome<WorkspaceExport>>;
  /** Ids of its sessions after `after`, in their order. */
  sessionIds(who: Identity, after: string, limit: number): Promise<Outcome<string[]>>;
  /** Begins its deletion, which goes on by itself. `confirm`: its name; `tokenHash`: of the secret that asks after it. */
  beginDeletion(who: Identity, confirm: string, tokenHash: string): Promise<Outcome<{ startedAtMs: number }>>;
  deletionProgress(tokenHash: string): Promise<DeletionProgress>;
  /** From UserDO, whose account is being deleted: what hangs on the user, somebody to take over, leaving, and the end. */
  partOf(userId: string): Promise<{ isLastOwner: boolean; others: number }>;
  anOwner(): Promise<string | null>;
  /** `leaving`: not out of every session yet, ask again; `alone`: nobody else is in it, so that it has to go as well. */
  leaveWithAccount(who: Identity): Promise<'left' | 'leaving' | 'alone'>;
  deleteWithAccount(who: Identity): Promise<DeletionProgress>;
  /** Whether the caller may make this session here; it is noted, so that no session is ever missed. */
  admitSession(who: Identity, sessionId: string): Promise<Outcome<null>>;
  /** A session of the workspace is like this now; told to the directory when that can be reached. */
  putSession(row: DirectorySession, used: SessionUsage): Promise<void>;
  /** What is used of what the workspace may use. */
  usage(who: Identity): Promise<Outcome<WorkspaceUsage>>;
  /** Somebody signed in to the workspace. */
  signedIn(row: DirectorySignIn): Promise<void>;
  /** From UserDO: what a member is called now. Nothing happens where they are none. */
  named(userId: string, displayName: string): Promise<void>;
  /**
   * Puts entries into the workspace's audit log, each once by its id; they are durable when this answers. Rejects, with
   * nothing written, when one is no entry of this workspace. Actors call it through their `AuditOutbox`.
   */
  appendAudit(entries: AuditEntry[]): Promise<void>;
  /** Notes `count` (1) refusals that are alike. Many of them become rows that say how many they stand for. */
  auditDenied(draft: AuditDraft, count?: number): Promise<void>;
  /** A page of the audit log, newest first, for owners and admins; that it was read is in it. */
  queryAudit(who: Identity, query: AuditQuery): Promise<Outcome<AuditPage>>;
  /** Begins an export of the rows after `since`, whose last entry says that it was made. */
  beginAuditExport(who: Identity, since: number, format: string): Promise<Outcome<AuditExportRange>>;
  /** The next rows of an export after row `seq`, at most to `lastSeq`. */
  auditExportPart(who: Identity, seq: number, lastSeq: number): Promise<Outcome<AuditExportPart>>;
  /** The signed last line of an export that had so many checkpoints between its rows. */
  endAuditExport(
    who: Identity,
    told: { firstSeq: number; lastSeq: number; checkpoints: number },
  ): Promise<Outcome<AuditExportEnd>>;
  /** How somebody stands here. The same answer for who is not in it and where there is no workspace. */
  standing(userId: string): Promise<WorkspaceStanding>;
}
