/** Why a vault cannot do what it was asked. */
export type VaultErrorCode =
  /** KEK_KEYS is missing, or is not a key set. */
  | 'kek-config'
  /** A data key is wrapped by a key-encryption key that this deployment does not have. */
  | 'kek-unknown'
  /** The key-encryption key of that id is another one, or the wrapped key is damaged or somebody else's. */
  | 'kek-wrong'
  /** There was no `unlock` before. */
  | 'locked'
  /** The keys were destroyed on purpose. */
  | 'shredded'
  /** A record is sealed by a data key that is not here. */
  | 'key-unknown'
  /** A record is not what was written, or not where it was written. */
  | 'record-damaged';

/** Begins the message of every {@link VaultError}: nothing else of an error survives the way from actor to caller. */
const PREFIX = 'vault/';

/** A failure of encryption at rest. Nothing was changed or lost by it; `message` says what to do. */
export class VaultError extends Error {
  readonly code: VaultErrorCode;

  constructor(code: VaultErrorCode, detail: string) {
    super(`${PREFIX}${code}: ${detail}`);
    this.name = 'VaultError';
    this.code = code;
  }
}

/** Whether an error is a {@link VaultError}, also when it came out of an actor. */
export function isVaultError(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith(PREFIX);
}
