import { DurableObject } from 'cloudflare:workers';
import { Alarms } from '../shared/alarms.ts';
import type { Env } from '../shared/env.ts';
import type {
  IdempotencyAnswer,
  Outcome,
  SessionIndexRow,
  UserRpc,
  WorkspaceListRow,
} from '../shared/rpc.ts';
import { IdempotencyKeys } from './idempotency-keys.ts';
import { SessionIndex } from './session-index.ts';
import { SpentTokens } from './spent-tokens.ts';
import { WorkspaceList } from './workspace-list.ts';

/**
 * One actor per user: the session list, the list of workspaces, idempotency keys and spent sign-in tokens. Its alarm sweeps what has expired.
 */
export class UserDO extends DurableObject<Env> implements UserRpc {
  readonly #sessions: SessionIndex;
  readonly #workspaces: WorkspaceList;
  readonly #keys: IdempotencyKeys;
  readonly #spent: SpentTokens;
  readonly #alarms: Alarms;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sessions = new SessionIndex(ctx.storage.sql, ctx.id.name ?? '');
    this.#workspaces = new WorkspaceList(ctx.storage.sql);
    this.#keys = new IdempotencyKeys(ctx.storage.sql);
    this.#spent = new SpentTokens(ctx.storage.sql);
    this.#alarms = new Alarms(ctx.storage, [this.#keys, this.#spent]);
    void ctx.blockConcurrencyWhile(() => this.#alarms.arm());
  }

  async putSession(row: SessionIndexRow): Promise<void> {
    this.#sessions.put(row);
  }

  async removeSession(id: string): Promise<void> {
    this.#sessions.remove(id);
  }

  async listSessions(input: {
    workspaceId: string;
    cursor?: string;
    limit: number;
  }): Promise<Outcome<{ sessions: SessionIndexRow[]; nextCursor: string | null }>> {
    return this.#sessions.list(input);
  }

  async putWorkspace(row: WorkspaceListRow): Promise<void> {
    this.#workspaces.put(row);
  }

  async removeWorkspace(id: string): Promise<void> {
    this.#workspaces.remove(id);
  }

  async listWorkspaces(): Promise<WorkspaceListRow[]> {
    return this.#workspaces.all();
  }

  async reserveIdempotencyKey(
    key: string,
    requestHash: string,
    resourceId: string,
  ): Promise<IdempotencyAnswer> {
    const answer = this.#keys.reserve(key, requestHash, resourceId, Date.now());
    await this.#alarms.arm();
    return answer;
  }

  async completeIdempotencyKey(key: string, status: number, body: string): Promise<void> {
    this.#keys.complete(key, status, body);
  }

  async releaseIdempotencyKey(key: string): Promise<void> {
    this.#keys.release(key);
  }

  async spendToken(jti: string, expiresAtMs: number): Promise<boolean> {
    const first = this.#spent.spend(jti, expiresAtMs);
    await this.#alarms.arm();
    return first;
  }

  override async alarm(): Promise<void> {
    await this.#alarms.fire(Date.now());
  }
}
