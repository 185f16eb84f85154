import type { ApiKey } from '../../protocol/messages/api-key.ts';
import type { Scope } from '../../protocol/messages/scopes.ts';
import type { Identity, Outcome } from './rpc.ts';

/** Whom a key stands for, and what it is limited to. */
export interface KeyGrant {
  userId: string;
  displayName: string;
  workspaceId: string;
  scopes: Scope[];
  /** Its owner was an operator when it was made for that. */
  operator: boolean;
  /** Null: never ends by itself. */
  expiresAtMs: number | null;
  /** It is used from a network that is new to it. */
  newNetwork: boolean;
}

/** Whether a key was revoked (or never was), and when it ends by itself; null: never. */
export interface KeyState {
  revoked: boolean;
  expiresAtMs: number | null;
}

/** Typed RPC of KeyDO (addressed by `idFromName(keyId)`). A key that is not there and somebody else's answer alike. */
export interface KeyRpc {
  create(
    who: Identity,
    input: { id: string; hash: string; name: string; scopes: Scope[]; expiresAtMs: number | null },
  ): Promise<Outcome<ApiKey>>;
  /** Null: not there, revoked, or not theirs. */
  describe(userId: string): Promise<ApiKey | null>;
  /**
   * Whom a secret with this hash stands for, asked because it is being used from `network` (null: unknown). Null: it is
   * not this key's, or the key has been revoked or has expired.
   */
  verify(hash: string, network: string | null): Promise<KeyGrant | null>;
  /** Whether the key is still good, for what was begun with it. Is no use of it. */
  state(): Promise<KeyState>;
  /** Ends the key, for good. */
  revoke(who: Identity): Promise<Outcome<null>>;
  /** Revokes the key and forgets it, as its owner's account is deleted. False: the audit log does not know yet; ask again. */
  forget(who: Identity): Promise<boolean>;
}

/** Typed RPC of UserDO for the list of a user's keys. */
export interface KeyListRpc {
  /** Makes room for a key that is about to be made. `limit-exceeded`: the user has as many as they may. */
  addKey(id: string): Promise<Outcome<null>>;
  removeKey(id: string): Promise<void>;
  /** Ids and when each was added, oldest first. */
  listKeys(): Promise<{ id: string; addedAtMs: number }[]>;
}
