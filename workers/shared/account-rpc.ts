import type { Identity } from './rpc.ts';

/** A person at an issuer, by whom the user signs in. Times are ISO 8601. */
export interface IdentityRecord {
  /** Our name for the issuer at the last sign-in. */
  providerId: string;
  issuer: string;
  subject: string;
  email: string | null;
  createdAt: string;
  lastUsedAt: string;
}

/** What the user is called, and how they sign in. */
export interface AccountRecord {
  /** Null: whatever the sign-in says. */
  chosenName: string | null;
  /** Null: no sign-in has said yet. */
  signInName: string | null;
  identities: IdentityRecord[];
}

/** Typed RPC of UserDO for who the user is. */
export interface AccountRpc {
  account(): Promise<AccountRecord>;
  /** Gives the user another name; null: the one from the sign-in again. Their workspaces are told, until they were. */
  renameUser(who: Identity, name: string | null): Promise<AccountRecord>;
  /** What the user is called; null: as their credential says. */
  displayName(): Promise<string | null>;
}
