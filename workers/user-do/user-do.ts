import { DurableObject } from 'cloudflare:workers';
import type { DeletionProgress } from '../../protocol/messages/deletion.ts';
import type { AccountRecord } from '../shared/account-rpc.ts';
import { Alarms } from '../shared/alarms.ts';
import { AuditOutbox } from '../shared/audit/outbox.ts';
import type {
  Device,
  DeviceEnd,
  DeviceFacts,
  DeviceGrant,
  RefreshAnswer,
  SignIn,
} from '../shared/devices-rpc.ts';
import { DirectoryOutbox } from '../shared/directory/outbox.ts';
import type { Env } from '../shared/env.ts';
import type {
  AccountExport,
  Identity,
  IdempotencyAnswer,
  Outcome,
  SessionIndexRow,
  UserRpc,
  WorkspaceListRow,
} from '../shared/rpc.ts';
import { fail } from '../shared/outcome.ts';
import type { KeptPlaces } from '../shared/sockets-rpc.ts';
import { openKek } from '../shared/vault/configured-kek.ts';
import { VaultCare } from '../shared/vault/vault-care.ts';
import { Vault } from '../shared/vault/vault.ts';
import { AccountProfile } from './account.ts';
import { Attempts } from './attempts.ts';
import { AccountDeletion } from './account-deletion.ts';
import { Devices } from './devices.ts';
import { IdempotencyKeys } from './idempotency-keys.ts';
import { KeyList } from './key-list.ts';
import { Identities } from './identities.ts';
import { NameNews } from './name-news.ts';
import { Profile } from './profile.ts';
import { SessionIndex } from './session-index.ts';
import { SignIns } from './sign-ins.ts';
import { KeptSocketPlaces } from './socket-places.ts';
import { SpentTokens } from './spent-tokens.ts';
import { tellDevice } from './told.ts';
import { WorkspaceList } from './workspace-list.ts';

/**
 * One actor per user (`idFromName(userId)`): what they are called, how they sign in and on which devices, the session list, the list of
 * workspaces, idempotency keys and spent sign-in tokens. Its alarm sweeps what has expired and tells the directory.
 */
export class UserDO extends DurableObject<Env> implements UserRpc {
  readonly #sessions: SessionIndex;
  readonly #workspaces: WorkspaceList;
  readonly #keys: IdempotencyKeys;
  readonly #spent: SpentTokens;
  readonly #apiKeys: KeyList;
  readonly #devices: Devices;
  readonly #identities: Identities;
  readonly #profile: Profile;
  readonly #news: NameNews;
  readonly #account: AccountProfile;
  readonly #signIns: SignIns;
  readonly #attempts: Attempts;
  readonly #socketPlaces: KeptSocketPlaces;
  readonly #deletion: AccountDeletion;
  readonly #care: VaultCare;
  #unlocking: Promise<void> | null = null;
  readonly #alarms: Alarms;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const vault = new Vault(ctx.storage.sql, openKek(env));
    this.#sessions = new SessionIndex(ctx.storage.sql, vault, ctx.id.name ?? '');
    this.#workspaces = new WorkspaceList(ctx.storage.sql);
    this.#keys = new IdempotencyKeys(ctx.storage.sql, vault);
    this.#spent = new SpentTokens(ctx.storage.sql);
    this.#apiKeys = new KeyList(ctx.storage.sql);
    const userId = (): string => this.#userId;
    const directory = new DirectoryOutbox(ctx.storage.sql, env);
    const audit = new AuditOutbox(ctx.storage, env);
    const devices = new Devices(ctx.storage.sql, userId, env.SIGNING_KEY, (row) =>
      tellDevice(directory, this.#userId, row),
    );
    this.#attempts = new Attempts(ctx.storage);
    this.#socketPlaces = new KeptSocketPlaces(ctx.storage.sql, env, userId);
    const identities = new Identities(ctx.storage.sql);
    this.#identities = identities;
    this.#devices = devices;
    const profile = new Profile(ctx.storage.sql);
    const news = new NameNews({
      ...{ env, userId, profile, workspaces: this.#workspaces },
      sql: ctx.storage.sql,
    });
    [this.#profile, this.#news] = [profile, news];
    this.#account = new AccountProfile({ storage: ctx.storage, profile, identities, news, audit });
    this.#signIns = new SignIns({
      ...{ userId, devices, identities, directory, audit, profile, news, spent: this.#spent },
    });
    this.#deletion = new AccountDeletion({
      ...{
        ctx,
        env,
        directory,
        audit,
        sessions: this.#sessions,
        workspaces: this.#workspaces,
        keys: this.#apiKeys,
      },
      endDevices: () => void devices.endAll('account-deleted', Date.now()),
    });
    const owner = { tenant: 'users', subject: `user/${ctx.id.name ?? ctx.id.toString()}` };
    const care = new VaultCare(vault, owner, ctx.storage, [this.#sessions, this.#keys]);
    const units = [care, this.#keys, this.#spent, devices, directory, audit, this.#deletion, news];
    this.#alarms = new Alarms(ctx.storage, units);
    this.#care = care;
    void ctx.blockConcurrencyWhile(async () => {
      // Who is only asked after, and not there, gets no keys.
      if (vault.exists || !this.#sessions.isEmpty || !this.#keys.isEmpty) await this.#unlocked();
      await this.#alarms.arm();
    });
  }

  async putSession(row: SessionIndexRow): Promise<void> {
    await this.#unlocked();
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
    await this.#unlocked();
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

  async account(): Promise<AccountRecord> {
    return this.#account.record();
  }

  async renameUser(who: Identity, name: string | null): Promise<AccountRecord> {
    const account = this.#account.rename(who, name);
    await this.#alarms.arm();
    await this.#news.settle();
    return account;
  }

  async displayName(): Promise<string | null> {
    return this.#profile.displayName;
  }

  async exportAccount(): Promise<AccountExport> {
    const { identities: rows, ...names } = this.#account.record();
    const identities = rows.map(({ providerId: _id, ...row }) => row);
    const [devices, workspaces] = [this.#devices.list(Date.now()), this.#workspaces.all()];
    return { ...names, identities, devices, workspaces, sessions: this.#sessions.all() };
  }

  async beginDeletion(
    who: Identity,
    confirm: string,
    tokenHash: string,
  ): Promise<Outcome<{ startedAtMs: number }>> {
    const begun = await this.#deletion.begin(who, confirm, tokenHash);
    await this.#alarms.arm();
    return begun;
  }

  async deletionProgress(tokenHash: string): Promise<DeletionProgress> {
    return this.#deletion.progress(tokenHash);
  }

  async verifiedEmails(): Promise<string[]> {
    return this.#identities.emails();
  }

  async reserveIdempotencyKey(
    key: string,
    requestHash: string,
    resourceId: string,
  ): Promise<IdempotencyAnswer> {
    await this.#unlocked();
    const answer = this.#keys.reserve(key, requestHash, resourceId, Date.now());
    await this.#alarms.arm();
    return answer;
  }

  async completeIdempotencyKey(key: string, status: number, body: string): Promise<void> {
    await this.#unlocked();
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

  async signIn(input: SignIn): Promise<DeviceGrant | null> {
    const grant = this.#deletion.isGoing ? null : this.#signIns.begin(input, Date.now());
    await this.#alarms.arm();
    return grant;
  }

  async refreshDevice(
    token: { deviceId: string; generation: number; secret: string },
    facts: DeviceFacts,
  ): Promise<RefreshAnswer> {
    const answer = this.#signIns.refresh(token, facts, Date.now());
    await this.#alarms.arm();
    return answer;
  }

  async listDevices(): Promise<Device[]> {
    return this.#devices.list(Date.now());
  }

  async endDevice(who: Identity, id: string, why: DeviceEnd): Promise<{ providerId: string | null } | null> {
    const ended = this.#signIns.end(who, id, why, Date.now());
    await this.#alarms.arm();
    return ended === null ? null : { providerId: ended.providerId };
  }

  async endAllDevices(who: Identity, why: DeviceEnd): Promise<string[]> {
    const ended = this.#signIns.endAll(who, why, Date.now());
    await this.#alarms.arm();
    return ended;
  }

  async keepSocketPlaces(sessionId: string, kept: KeptPlaces): Promise<Outcome<null>> {
    return this.#socketPlaces.keep(sessionId, kept);
  }

  async socketPlaces(): Promise<{ used: number; limit: number }> {
    return this.#socketPlaces.usage;
  }

  async takeCodeAttempt(): Promise<boolean> {
    return this.#attempts.take(Date.now());
  }

  async credentialState(deviceId: string): Promise<'active' | 'ended'> {
    return this.#devices.isActive(deviceId, Date.now()) ? 'active' : 'ended';
  }

  async addKey(id: string): Promise<Outcome<null>> {
    if (this.#deletion.isGoing) return fail('conflict', 'The account is being deleted.');
    return this.#apiKeys.add(id, Date.now());
  }

  async removeKey(id: string): Promise<void> {
    this.#apiKeys.remove(id);
  }

  async listKeys(): Promise<{ id: string; addedAtMs: number }[]> {
    return this.#apiKeys.all();
  }

  override async alarm(): Promise<void> {
    await this.#alarms.fire(Date.now());
  }

  /** Whatever is sealed can be sealed and opened. */
  #unlocked(): Promise<void> {
    this.#unlocking ??= this.#care.run().then(() => this.#alarms.arm());
    return this.#unlocking;
  }

  /** The name this actor is addressed by. */
  get #userId(): string {
    const { name } = this.ctx.id;
    if (name === undefined) throw new Error('Not addressed by a user id.');
    return name;
  }
}
