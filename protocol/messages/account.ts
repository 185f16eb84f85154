import { z } from 'zod';
import { nameOf } from './name.ts';
import { UserId } from './session.ts';

/** Longest name, in UTF-16 code units, as names of workspaces and keys. */
export const MAX_DISPLAY_NAME_CHARS = 100;

/**
 * What somebody is called. It is shown in terminals and beside the names of others, so it has no control characters, none that turn the
 * direction of writing, and something to see.
 */
export const DisplayName = z.string().normalize('NFC').pipe(nameOf(MAX_DISPLAY_NAME_CHARS));

/** How somebody signs in: a person at an OpenID Connect issuer. */
export const AccountIdentity = z.object({
  issuer: z.string(),
  /** What the provider is called on its button; null: this edge no longer offers it. */
  provider: z.string().nullable(),
  /** An address that the issuer has verified, as it last said; null: none. */
  email: z.string().nullable(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime(),
});
export type AccountIdentity = z.infer<typeof AccountIdentity>;

/** One's account, as oneself sees it. */
export const Account = z.object({
  userId: UserId,
  /** What others see: the name one chose, else the one from the sign-in. */
  displayName: z.string(),
  chosenName: z.string().nullable(),
  /** What whoever one signs in with calls one; null: nobody has said yet. */
  signInName: z.string().nullable(),
  /** Oldest first; none: one signs in by links. */
  identities: z.array(AccountIdentity),
});
export type Account = z.infer<typeof Account>;

/** A change of the account. `displayName` null: the name from the sign-in again. */
export const ChangeAccount = z.object({ displayName: DisplayName.nullable() });
