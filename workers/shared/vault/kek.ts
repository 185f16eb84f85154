/** A data key as it is stored: of no use without the key-encryption key named `kekId`. */
export interface WrappedKey {
  kekId: string;
  bytes: Uint8Array;
}

/**
 * Key-encryption keys: they wrap data keys and see nothing else. Asynchronous, so that a key management service can be
 * one. `context` says whose data key it is; unwrapping demands the same, as the encryption context of such services does.
 */
export interface KeyEncryptionKey {
  /** The key that `wrap` uses now. What other keys have wrapped is wrapped anew at the next occasion. */
  readonly currentId: string;
  wrap(key: Uint8Array, context: Uint8Array): Promise<WrappedKey>;
  /** Rejects with a `VaultError`: `kek-unknown` or `kek-wrong`. */
  unwrap(wrapped: WrappedKey, context: Uint8Array): Promise<Uint8Array>;
}
