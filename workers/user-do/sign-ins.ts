import type { DeviceEnd, DeviceFacts, DeviceGrant, RefreshAnswer, SignIn } from '../shared/devices-rpc.ts';
import { draftOf } from '../shared/audit/draft.ts';
import type { AuditOutbox } from '../shared/audit/outbox.ts';
import type { DirectoryOutbox } from '../shared/directory/outbox.ts';
import type { Identity } from '../shared/rpc.ts';
import type { DeviceRow, Devices } from './devices.ts';
import type { Identities } from './identities.ts';
import type { NameNews } from './name-news.ts';
import type { Profile } from './profile.ts';
import type { SpentTokens } from './spent-tokens.ts';
import { tellIdentity } from './told.ts';

/** What sign-ins are made of. */
export interface SignInParts {
  userId: () => string;
  devices: Devices;
  identities: Identities;
  profile: Profile;
  news: NameNews;
  spent: SpentTokens;
  directory: DirectoryOutbox;
  audit: AuditOutbox;
}

/**
 * Sign-ins of one user and their ends, each with its entry for the audit log. Nothing here waits, so that the actor
 * writes an act and its entry together.
 */
export class SignIns {
  readonly #parts: SignInParts;

  constructor(parts: SignInParts) {
    this.#parts = parts;
  }

  /** Null: what was to be spent was spent before. */
  begin(input: SignIn, nowMs: number): DeviceGrant | null {
    const { spent, identities, directory, devices, audit, profile, news, userId } = this.#parts;
    const { singleUse, identity } = input;
    if (singleUse !== undefined && !spent.spend(singleUse.jti, singleUse.expiresAtMs)) return null;
    if (identity !== undefined) tellIdentity(directory, userId(), identities.use(identity, nowMs));
    const before = profile.displayName;
    profile.signedIn(input.displayName, identity !== undefined);
    if (profile.displayName !== before) news.put();
    const grant = this.#named(devices.add(input, nowMs));
    audit.record(
      draftOf(this.#by(grant.deviceId, input, input.workspaceId), {
        ...{ action: 'auth.sign-in', target: { kind: 'device', id: grant.deviceId } },
        detail: { label: input.label, by: identity?.providerId ?? input.method },
      }),
    );
    return grant;
  }

  refresh(
    token: { deviceId: string; generation: number; secret: string },
    facts: DeviceFacts,
    nowMs: number,
  ): RefreshAnswer {
    const { answer, reused } = this.#parts.devices.refresh(token, facts, nowMs);
    if (reused !== null) {
      this.#parts.audit.record(
        draftOf(this.#by(reused.id, facts, reused.workspaceId), {
          ...{ action: 'auth.refresh', outcome: 'denied', reason: 'a spent refresh token came again' },
          ...{ target: { kind: 'device', id: reused.id }, detail: { label: reused.label, revoked: true } },
        }),
      );
    }
    return answer.ok ? { ok: true, grant: this.#named(answer.grant) } : answer;
  }

  /** Null: there is no such device, or it has ended. */
  end(who: Identity, id: string, why: DeviceEnd, nowMs: number): DeviceRow | null {
    const row = this.#parts.devices.end(id, why, nowMs);
    if (row !== null) this.#recordEnd(who, row, why);
    return row;
  }

  /** Out: the ids of those that ended. */
  endAll(who: Identity, why: DeviceEnd, nowMs: number): string[] {
    const ended = this.#parts.devices.endAll(why, nowMs);
    for (const row of ended) this.#recordEnd(who, row, why);
    return ended.map(({ id }) => id);
  }

  /** Tokens say what the user is called now, not what the device's sign-in said. */
  #named(grant: DeviceGrant): DeviceGrant {
    return { ...grant, displayName: this.#parts.profile.displayName ?? grant.displayName };
  }

  #recordEnd(who: Identity, row: DeviceRow, why: DeviceEnd): void {
    this.#parts.audit.record(
      draftOf(who, {
        action: why === 'signed-out' ? 'auth.sign-out' : 'auth.revoke',
        ...{ target: { kind: 'device', id: row.id }, workspaceId: row.workspaceId },
        ...{ reason: why, detail: { label: row.label } },
      }),
    );
  }

  /** The user, as a device of theirs. */
  #by(deviceId: string, facts: DeviceFacts, workspaceId: string): Identity {
    return {
      ...{ userId: this.#parts.userId(), displayName: '', workspaceId },
      credential: { kind: 'device', id: deviceId },
      ...{ requestId: facts.requestId, address: facts.address },
    };
  }
}
