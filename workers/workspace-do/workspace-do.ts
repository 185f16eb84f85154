import { DurableObject } from 'cloudflare:workers';
import type { AuditEntry } from '../../protocol/audit/entry.ts';
import type { AuditRow } from '../../protocol/audit/row.ts';
import { Alarms } from '../shared/alarms.ts';
import { DirectoryOutbox } from '../shared/directory/outbox.ts';
import { type DirectorySession, sessionKind } from '../shared/directory/sessions.ts';
import { type DirectorySignIn, signInKind } from '../shared/directory/sign-ins.ts';
import type { Env } from '../shared/env.ts';
import { OPEN_POLICY } from '../shared/policy/access-policy.ts';
import type { WorkspaceStanding } from '../shared/policy/standing.ts';
import type { WorkspaceRpc } from '../shared/rpc.ts';
import { AuditChain } from './audit-chain.ts';

/**
 * One actor per workspace: its sessions and the gateway tell it what the directory in Postgres is to know, and it tells
 * that, gathered, by alarm, until it was told. An outage of Postgres touches nothing that runs; the newest state of each
 * thing waits here.
 */
export class WorkspaceDO extends DurableObject<Env> implements WorkspaceRpc {
  readonly #directory: DirectoryOutbox;
  readonly #audit: AuditChain;
  readonly #alarms: Alarms;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#directory = new DirectoryOutbox(ctx.storage.sql, env);
    this.#audit = new AuditChain(ctx.storage, ctx.id.name);
    this.#alarms = new Alarms(ctx.storage, [this.#directory]);
    void ctx.blockConcurrencyWhile(() => this.#alarms.arm());
  }

  async putSession(row: DirectorySession): Promise<void> {
    this.#directory.put(sessionKind, row);
    await this.#alarms.arm();
  }

  async signedIn(row: DirectorySignIn): Promise<void> {
    this.#directory.put(signInKind, row);
    await this.#alarms.arm();
  }

  async appendAudit(entries: AuditEntry[]): Promise<void> {
    this.#audit.append(entries);
  }

  async auditRows(after: number, limit: number): Promise<AuditRow[]> {
    return this.#audit.after(after, limit);
  }

  async standing(userId: string): Promise<WorkspaceStanding> {
    // A personal workspace has the id of its person.
    return { role: this.ctx.id.name === userId ? 'owner' : null, policy: OPEN_POLICY };
  }

  override async alarm(): Promise<void> {
    await this.#alarms.fire(Date.now());
  }
}
