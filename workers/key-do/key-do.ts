import { DurableObject } from 'cloudflare:workers';
import type { ApiKey } from '../../protocol/messages/api-key.ts';
import { Alarms } from '../shared/alarms.ts';
import { draftOf } from '../shared/audit/draft.ts';
import { AuditOutbox } from '../shared/audit/outbox.ts';
import { apiKeyKind } from '../shared/directory/api-keys.ts';
import { DirectoryOutbox } from '../shared/directory/outbox.ts';
import type { Env } from '../shared/env.ts';
import type { KeyGrant, KeyRpc, KeyState } from '../shared/keys-rpc.ts';
import { fail } from '../shared/outcome.ts';
import type { Identity, Outcome } from '../shared/rpc.ts';
import { type KeyRow, KeyStore, toApiKey } from './key-store.ts';

/** The last use is noted at most so often. */
const NOTE_USE_EVERY_MS = 60_000;
const NOT_THERE = fail('not-found', 'There is no such key.');

/**
 * One API key: what is kept of its secret, whom it stands for and what it is good for. Made once, used, revoked once;
 * what is left of a revoked one is that it was. An id that somebody guessed stores nothing.
 */
export class KeyDO extends DurableObject<Env> implements KeyRpc {
  readonly #store: KeyStore;
  readonly #audit: AuditOutbox;
  #outboxes: { directory: DirectoryOutbox; alarms: Alarms } | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new KeyStore(ctx.storage.sql);
    this.#audit = new AuditOutbox(ctx.storage, env);
    if (this.#store.current !== null) void ctx.blockConcurrencyWhile(() => this.#telling.alarms.arm());
  }

  async create(who: Identity, input: Parameters<KeyRpc['create']>[1]): Promise<Outcome<ApiKey>> {
    if (this.#store.current !== null) return fail('conflict', 'This key exists already.');
    const { userId, displayName, workspaceId } = who;
    const operator = who.operator === true && input.scopes.includes('operator');
    const row: KeyRow = {
      ...input,
      ...{ userId, displayName, workspaceId, operator },
      ...{ createdAtMs: Date.now(), lastUsedAtMs: null, revokedAtMs: null },
    };
    const detail = { name: row.name, scopes: row.scopes.join(' ') };
    this.ctx.storage.transactionSync(() => {
      this.#store.create(row);
      this.#audit.record(draftOf(who, { action: 'key.create', target: { kind: 'key', id: row.id }, detail }));
      this.#tell(row);
    });
    await this.#telling.alarms.arm();
    return { ok: true, value: toApiKey(row) };
  }

  async describe(userId: string): Promise<ApiKey | null> {
    const row = this.#store.current;
    return row === null || row.revokedAtMs !== null || row.userId !== userId ? null : toApiKey(row);
  }

  async verify(hash: string, network: string | null): Promise<KeyGrant | null> {
    const row = this.#store.current;
    const nowMs = Date.now();
    if (row === null || row.revokedAtMs !== null || !sameText(row.hash, hash)) return null;
    if (row.expiresAtMs !== null && row.expiresAtMs <= nowMs) return null;
    const newNetwork = network !== null && this.#store.usedFrom(network, nowMs);
    if (nowMs - (row.lastUsedAtMs ?? 0) >= NOTE_USE_EVERY_MS) {
      this.#tell(this.#store.patch({ lastUsedAtMs: nowMs }));
      await this.#telling.alarms.arm();
    }
    const { userId, displayName, workspaceId, scopes, operator, expiresAtMs } = row;
    return { userId, displayName, workspaceId, scopes, operator, expiresAtMs, newNetwork };
  }

  async state(): Promise<KeyState> {
    const row = this.#store.current;
    return { revoked: row === null || row.revokedAtMs !== null, expiresAtMs: row?.expiresAtMs ?? null };
  }

  async revoke(who: Identity): Promise<Outcome<null>> {
    const row = this.#store.current;
    if (row === null || row.revokedAtMs !== null || row.userId !== who.userId) return NOT_THERE;
    this.ctx.storage.transactionSync(() => {
      this.#end(who, row);
      this.#store.blank();
    });
    await this.#telling.alarms.arm();
    return { ok: true, value: null };
  }

  async forget(who: Identity): Promise<boolean> {
    const row = this.#store.current;
    if (row === null || row.userId !== who.userId) return true;
    if (row.revokedAtMs === null) this.ctx.storage.transactionSync(() => this.#end(who, row));
    this.#telling.directory.discard();
    if (!(await this.#audit.flush())) return false;
    await this.ctx.storage.deleteAll();
    this.#store.forget();
    this.#outboxes = null;
    return true;
  }

  override async alarm(): Promise<void> {
    await this.#telling.alarms.fire(Date.now());
  }

  /** The key is no good any more; call in a transaction. */
  #end(who: Identity, { workspaceId, id }: KeyRow): void {
    this.#audit.record(draftOf(who, { action: 'key.revoke', target: { kind: 'key', id }, workspaceId }));
    this.#tell(this.#store.patch({ revokedAtMs: Date.now() }));
  }

  #tell(row: KeyRow): void {
    const { id, userId, workspaceId, name, scopes, createdAt, expiresAt, lastUsedAt } = toApiKey(row);
    const revokedAt = row.revokedAtMs === null ? null : new Date(row.revokedAtMs).toISOString();
    this.#telling.directory.put(apiKeyKind, {
      ...{ id, userId, workspaceId, name, scopes, createdAt, expiresAt, lastUsedAt, revokedAt },
    });
  }

  /** Made when there is a key to tell of. */
  get #telling(): { directory: DirectoryOutbox; alarms: Alarms } {
    if (this.#outboxes === null) {
      const directory = new DirectoryOutbox(this.ctx.storage.sql, this.env);
      this.#outboxes = { directory, alarms: new Alarms(this.ctx.storage, [this.#audit, directory]) };
    }
    return this.#outboxes;
  }
}

/** Compares in a time that does not say where the texts differ. */
function sameText(a: string, b: string): boolean {
  const [left, right] = [new TextEncoder().encode(a), new TextEncoder().encode(b)];
  return left.length === right.length && crypto.subtle.timingSafeEqual(left, right);
}
