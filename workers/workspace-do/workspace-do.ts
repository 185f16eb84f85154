import { DurableObject } from 'cloudflare:workers';
import type { AuditExportEnd } from '../../protocol/audit/checkpoint.ts';
import type { AuditDraft, AuditEntry } from '../../protocol/audit/entry.ts';
import type { AuditExportPart, AuditExportRange } from '../../protocol/audit/export.ts';
import type { AuditPage, AuditQuery } from '../../protocol/audit/query.ts';
import type { DeletionProgress } from '../../protocol/messages/deletion.ts';
import type { Invitation } from '../../protocol/messages/invitation.ts';
import type { WorkspaceUsage } from '../../protocol/messages/usage.ts';
import type { Workspace, WorkspaceMember, WorkspaceRole } from '../../protocol/messages/workspace.ts';
import type { DirectorySession } from '../shared/directory/sessions.ts';
import type { DirectorySignIn } from '../shared/directory/sign-ins.ts';
import type { Env } from '../shared/env.ts';
import type { AccessPolicy } from '../shared/policy/access-policy.ts';
import type { WorkspaceStanding } from '../shared/policy/standing.ts';
import type { Identity, Outcome, WorkspaceExport, WorkspaceRpc } from '../shared/rpc.ts';
import type { SessionUsage } from '../shared/usage-rpc.ts';
import { assemble } from './assemble.ts';
import { Endings } from './endings.ts';
import type { NewInvitation } from './invitations.ts';
import type { Parts } from './parts.ts';
import { toWorkspace, WorkspaceService } from './workspace-service.ts';

/**
 * One workspace: its record, its members and what they may do, and what the directory, the members' own lists and the
 * workspace's sessions are still to be told, by alarm, until they were told. This class only hands work to the units
 * that do it; see ./parts.ts.
 *
 * A personal workspace has the id of its person and comes into being when it is first asked for; a team's is made.
 */
export class WorkspaceDO extends DurableObject<Env> implements WorkspaceRpc {
  readonly #parts: Parts;
  readonly #service: WorkspaceService;
  readonly #endings: Endings;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#parts = assemble(ctx, env);
    this.#service = new WorkspaceService(this.#parts);
    this.#endings = new Endings(this.#parts, this.#service.check);
    void ctx.blockConcurrencyWhile(() => this.#parts.alarms.arm());
  }

  // Called by the gateway, see WorkspaceRpc.

  async standing(userId: string): Promise<WorkspaceStanding> {
    const isNew = this.#parts.record.current === null;
    const standing = this.#service.standing(userId);
    return isNew && standing.role !== null ? this.#told(standing) : standing;
  }

  async create(who: Identity, input: { id: string; name: string }): Promise<Outcome<Workspace>> {
    return this.#told(this.#service.create(who, input));
  }

  async get(who: Identity): Promise<Outcome<Workspace>> {
    return this.#service.get(who);
  }

  async rename(who: Identity, name: string): Promise<Outcome<Workspace>> {
    return this.#told(this.#service.rename(who, name));
  }

  async listMembers(who: Identity): Promise<Outcome<WorkspaceMember[]>> {
    return this.#service.listMembers(who);
  }

  async setMember(who: Identity, userId: string, role: WorkspaceRole): Promise<Outcome<WorkspaceMember>> {
    return this.#told(this.#service.setMember(who, userId, role));
  }

  async removeMember(who: Identity, userId: string): Promise<Outcome<null>> {
    return this.#told(this.#service.removeMember(who, userId));
  }

  async transfer(who: Identity, userId: string): Promise<Outcome<null>> {
    return this.#told(this.#service.transfer(who, userId));
  }

  async policy(who: Identity): Promise<Outcome<AccessPolicy>> {
    return this.#service.policy(who);
  }

  async setPolicy(who: Identity, policy: AccessPolicy): Promise<Outcome<AccessPolicy>> {
    return this.#told(this.#service.setPolicy(who, policy));
  }

  async listInvitations(who: Identity): Promise<Outcome<Invitation[]>> {
    return this.#service.listInvitations(who);
  }

  async createInvitation(who: Identity, input: NewInvitation): Promise<Outcome<Invitation>> {
    return this.#told(this.#service.createInvitation(who, input));
  }

  async revokeInvitation(who: Identity, id: string): Promise<Outcome<null>> {
    return this.#told(this.#service.revokeInvitation(who, id));
  }

  async acceptInvitation(
    who: Identity,
    tokenHash: string,
    verifiedEmails: string[],
  ): Promise<Outcome<Workspace>> {
    return this.#told(this.#service.acceptInvitation(who, tokenHash, verifiedEmails));
  }

  async beginExport(who: Identity): Promise<Outcome<null>> {
    return this.#told(this.#endings.beginExport(who));
  }

  async exportRecord(who: Identity): Promise<Outcome<WorkspaceExport>> {
    return this.#endings.exportRecord(who, toWorkspace);
  }

  async sessionIds(who: Identity, after: string, limit: number): Promise<Outcome<string[]>> {
    return this.#endings.sessionIds(who, after, limit);
  }

  async beginDeletion(
    who: Identity,
    confirm: string,
    tokenHash: string,
  ): Promise<Outcome<{ startedAtMs: number }>> {
    return this.#told(this.#endings.beginDeletion(who, confirm, tokenHash));
  }

  async deletionProgress(tokenHash: string): Promise<DeletionProgress> {
    return this.#endings.deletionProgress(tokenHash);
  }

  // Called by the account of a member that is being deleted.

  async partOf(userId: string): Promise<{ isLastOwner: boolean; others: number }> {
    return this.#endings.partOf(userId);
  }

  async anOwner(): Promise<string | null> {
    return this.#endings.anOwner();
  }

  async leaveWithAccount(who: Identity): Promise<'left' | 'leaving' | 'alone'> {
    const left = await this.#told(this.#endings.leave(who));
    return left === 'alone' ? left : this.#endings.leaving(who.userId);
  }

  async deleteWithAccount(who: Identity): Promise<DeletionProgress> {
    const progress = await this.#parts.deletion.withAccount(who);
    await this.#parts.alarms.arm();
    return progress;
  }

  // Called by the gateway and by sessions.

  async usage(who: Identity): Promise<Outcome<WorkspaceUsage>> {
    return this.#service.usage(who);
  }

  async signedIn(row: DirectorySignIn): Promise<void> {
    await this.#told(this.#service.signedIn(row));
  }

  async named(userId: string, displayName: string): Promise<void> {
    await this.#told(this.#service.named(userId, displayName));
  }

  async admitSession(who: Identity, sessionId: string): Promise<Outcome<null>> {
    return this.#service.admitSession(who, sessionId);
  }

  // Called by sessions and other actors.

  async putSession(row: DirectorySession, used: SessionUsage): Promise<void> {
    this.#service.putSession(row, used);
    await this.#parts.alarms.arm();
  }

  async appendAudit(entries: AuditEntry[]): Promise<void> {
    this.#parts.audit.append(entries);
    await this.#parts.alarms.arm();
  }

  async auditDenied(draft: AuditDraft, count = 1): Promise<void> {
    this.#parts.audit.denied(draft, count);
    await this.#parts.alarms.arm();
  }

  async queryAudit(who: Identity, query: AuditQuery): Promise<Outcome<AuditPage>> {
    const page = await this.#parts.audit.query(who, query);
    await this.#parts.alarms.arm();
    return page;
  }

  async beginAuditExport(who: Identity, since: number, format: string): Promise<Outcome<AuditExportRange>> {
    const range = this.#parts.audit.beginExport(who, since, format);
    await this.#parts.alarms.arm();
    return range;
  }

  async auditExportPart(who: Identity, seq: number, lastSeq: number): Promise<Outcome<AuditExportPart>> {
    return this.#parts.audit.exportPart(who, seq, lastSeq);
  }

  async endAuditExport(
    who: Identity,
    told: { firstSeq: number; lastSeq: number; checkpoints: number },
  ): Promise<Outcome<AuditExportEnd>> {
    return this.#parts.audit.endExport(who, told);
  }

  // Called by the platform.

  override async alarm(): Promise<void> {
    await this.#parts.alarms.fire(Date.now());
  }

  /** Lets those be told at once who have to know of a change, before the answer where that is quick. */
  async #told<T>(answer: T): Promise<T> {
    await this.#service.settle();
    return answer;
  }
}
