import { DurableObject } from 'cloudflare:workers';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { DEPLOYMENT_STREAM } from '../../protocol/audit/entry.ts';
import { Alarms, type AlarmUnit } from '../shared/alarms.ts';
import { systemDraft } from '../shared/audit/draft.ts';
import { AuditOutbox } from '../shared/audit/outbox.ts';
import type { Env } from '../shared/env.ts';
import { PrivateJwk, type KeyringRpc, type PublishedKey, type SigningKey } from '../shared/keyring-rpc.ts';
import { createLogger } from '../shared/log.ts';
import { openKek } from '../shared/vault/configured-kek.ts';
import { VaultCare } from '../shared/vault/vault-care.ts';
import { Vault } from '../shared/vault/vault.ts';
import { KeyRepository, type StoredKey } from './key-repository.ts';
import { type KeyTimes, planKeys, signerOf } from './schedule.ts';

const log = createLogger('keyring-do');

/**
 * One actor for the deployment (`idFromName('issuer')`): the Ed25519 keys that sign access tokens. Each signs for a
 * while, is published before and kept after, see ./schedule.ts; private halves are stored sealed. Gateways sign and verify with copies in memory, so that
 * this actor is asked rarely and may be away for a while.
 */
export class KeyringDO extends DurableObject<Env> implements KeyringRpc, AlarmUnit {
  readonly name = 'rotation';
  readonly #keys: KeyRepository;
  readonly #audit: AuditOutbox;
  readonly #alarms: Alarms;
  #nextMs = 0;
  #tending: Promise<void> | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const vault = new Vault(ctx.storage.sql, openKek(env));
    this.#keys = new KeyRepository(ctx.storage.sql, vault);
    const owner = { tenant: 'deployment', subject: `keyring/${ctx.id.name ?? ctx.id.toString()}` };
    const care = new VaultCare(vault, owner, ctx.storage, [this.#keys]);
    this.#audit = new AuditOutbox(ctx.storage, env);
    this.#alarms = new Alarms(ctx.storage, [care, this, this.#audit]);
    void ctx.blockConcurrencyWhile(() => care.run());
  }

  async signer(): Promise<SigningKey> {
    await this.#tend();
    const key = signerOf(this.#keys.all(), Date.now());
    if (key === null) throw new Error('No key signs.');
    return {
      kid: key.kid,
      privateJwk: this.#keys.privateJwk(key.kid),
      untilMs: key.signsUntilMs,
    };
  }

  async published(): Promise<PublishedKey[]> {
    await this.#tend();
    return this.#keys.all().map(({ kid, x }) => ({ kid, x }));
  }

  override async alarm(): Promise<void> {
    await this.#alarms.fire(Date.now());
  }

  dueMs(): number {
    return this.#nextMs;
  }

  run(): Promise<void> {
    return this.#tend();
  }

  /** Makes and drops keys as planned; callers that come meanwhile wait for the same. */
  async #tend(): Promise<void> {
    const nowMs = Date.now();
    if (this.#nextMs > nowMs && signerOf(this.#keys.all(), nowMs) !== null) return;
    this.#tending ??= this.#rotate().finally(() => {
      this.#tending = null;
    });
    await this.#tending;
  }

  async #rotate(): Promise<void> {
    const nowMs = Date.now();
    const plan = planKeys(this.#keys.all(), nowMs);
    const made = plan.make === null ? null : await newKey(plan.make);
    this.ctx.storage.transactionSync(() => {
      if (made !== null) {
        const target = { kind: 'signing-key', id: made.key.kid };
        const workspaceId = DEPLOYMENT_STREAM;
        this.#audit.record(systemDraft({ action: 'signing-key.rotate', target, workspaceId }));
        this.#keys.put(made.key, made.jwk);
      }
      for (const kid of plan.drop) this.#keys.remove(kid);
    });
    this.#nextMs = plan.nextMs;
    if (made !== null)
      log('info', 'key made', {
        kid: made.key.kid,
        signsFrom: new Date(made.key.signsFromMs).toISOString(),
      });
    await this.#alarms.arm();
  }
}

async function newKey(times: Omit<KeyTimes, 'kid'>): Promise<{ key: StoredKey; jwk: PrivateJwk }> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const jwk = PrivateJwk.parse(await exportJWK(privateKey));
  // RFC 7638: the key's own thumbprint, so that no two keys can have one id.
  return { key: { kid: await calculateJwkThumbprint(jwk), x: jwk.x, ...times }, jwk };
}
