import { Alarms } from '../shared/alarms.ts';
import { DeletionRecord } from '../shared/deletion-row.ts';
import { DirectoryOutbox } from '../shared/directory/outbox.ts';
import type { Env } from '../shared/env.ts';
import { AuditLog } from './audit/log.ts';
import { WorkspaceDeletion } from './deletion.ts';
import { InvitationRows } from './invitation-rows.ts';
import { Invitations } from './invitations.ts';
import { MemberLists } from './member-lists.ts';
import { MemberRows } from './member-rows.ts';
import { Members } from './members.ts';
import type { Parts } from './parts.ts';
import { WorkspaceRecord } from './record.ts';
import { quotaLimits } from './quota-limits.ts';
import { QuotaRows } from './quota-rows.ts';
import { Quotas } from './quotas.ts';
import { RoleChanges } from './role-changes.ts';
import { SessionRows } from './session-rows.ts';

/** Makes the units of one workspace from what is stored, and lets them know each other. */
export function assemble(ctx: DurableObjectState, env: Env): Parts {
  const { sql } = ctx.storage;
  const record = new WorkspaceRecord(sql);
  const memberRows = new MemberRows(sql);
  const directory = new DirectoryOutbox(sql, env);
  const sessionRows = new SessionRows(sql);
  const roleChanges = new RoleChanges(env, sql);
  const lists = new MemberLists(env, record, memberRows);
  const audit = new AuditLog(ctx.storage, env, ctx.id.name, (userId) => memberRows.roleOf(userId));
  const quotas = new Quotas(new QuotaRows(sql), quotaLimits(env), directory, () => ctx.id.name ?? '');
  // Units keep this object and look each other up in it when called, by which time it is complete.
  const parts = {} as { -readonly [Name in keyof Parts]: Parts[Name] };
  const deletion = new WorkspaceDeletion(parts, new DeletionRecord(sql));
  return Object.assign(parts, {
    ...{ ctx, env, record, memberRows, sessionRows, directory, lists, roleChanges, audit, quotas },
    alarms: new Alarms(ctx.storage, [directory, lists, roleChanges, ...audit.units, deletion]),
    deletion,
    invitationRows: new InvitationRows(sql),
    members: new Members(parts),
    invitations: new Invitations(parts),
  } satisfies Parts);
}
