import type { Alarms } from '../shared/alarms.ts';
import type { DirectoryOutbox } from '../shared/directory/outbox.ts';
import type { Env } from '../shared/env.ts';
import type { AuditLog } from './audit/log.ts';
import type { WorkspaceDeletion } from './deletion.ts';
import type { InvitationRows } from './invitation-rows.ts';
import type { Invitations } from './invitations.ts';
import type { MemberLists } from './member-lists.ts';
import type { MemberRows } from './member-rows.ts';
import type { Members } from './members.ts';
import type { WorkspaceRecord } from './record.ts';
import type { Quotas } from './quotas.ts';
import type { RoleChanges } from './role-changes.ts';
import type { SessionRows } from './session-rows.ts';

/** The named units of one workspace. Each knows the others through this, and nothing else. */
export interface Parts {
  readonly ctx: DurableObjectState;
  readonly env: Env;
  /** Rows. */
  readonly record: WorkspaceRecord;
  readonly memberRows: MemberRows;
  readonly sessionRows: SessionRows;
  readonly invitationRows: InvitationRows;
  readonly audit: AuditLog;
  /** What others are still to be told, by alarm. */
  readonly alarms: Alarms;
  readonly directory: DirectoryOutbox;
  readonly lists: MemberLists;
  readonly roleChanges: RoleChanges;
  readonly quotas: Quotas;
  /** Behaviour. */
  readonly members: Members;
  readonly invitations: Invitations;
  readonly deletion: WorkspaceDeletion;
}
