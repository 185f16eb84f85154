import { z } from 'zod';
import { concat, decrypt, deriveKey, encrypt, KEY_BYTES, NONCE_BYTES, randomBytes } from './aes-gcm.ts';
import { masker } from '../log.ts';
import type { KeyEncryptionKey, WrappedKey } from './kek.ts';
import { VaultError } from './vault-error.ts';

/** The set in KEK_KEYS: the first key is current, the others only unwrap. Keys are 256 random bits in url-safe base64. */
const KeySet = z.object({
  keys: z
    .array(
      z.object({
        id: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
        key: z.base64url().length(43),
      }),
    )
    .min(1)
    .max(100),
});

/** One wrapped key: salt, then ciphertext and tag. */
const SALT_BYTES = 32;
const INFO = 'alex-edge key wrapping v1';
/** Every wrapping key is derived for one message, so its one nonce cannot repeat. */
const NONCE = new Uint8Array(NONCE_BYTES);

/** Parsed once per isolate and configured set. One entry: the set changes only by a deploy. */
let cached: { text: string; kek: KeyEncryptionKey } | null = null;

/** The key-encryption keys of this deployment. Throws `kek-config` when there are none. */
export function openKek(config: { KEK_KEYS?: string }): KeyEncryptionKey {
  const text = config.KEK_KEYS ?? '';
  if (cached?.text !== text) {
    cached = { text, kek: new ConfiguredKek(text) };
    for (const { key } of parse(text)) masker.secrets.register(key, 'key-encryption-key');
  }
  return cached.kek;
}

/**
 * Key-encryption keys kept in a secret of the Worker. Each data key is wrapped with AES-256-GCM under a key of its own,
 * derived by HKDF-SHA-256 (RFC 5869) with 256 random bits as salt: so there is no limit to how many may be wrapped.
 */
export class ConfiguredKek implements KeyEncryptionKey {
  readonly currentId: string;
  readonly #keys: ReadonlyMap<string, Uint8Array>;

  constructor(text: string) {
    const keys = parse(text);
    this.#keys = new Map(keys.map(({ id, key }) => [id, fromBase64Url(key)]));
    const current = keys[0];
    if (current === undefined || this.#keys.size !== keys.length)
      throw new VaultError('kek-config', 'KEK_KEYS names a key twice; see docs/encryption.md.');
    this.currentId = current.id;
  }

  async wrap(key: Uint8Array, context: Uint8Array): Promise<WrappedKey> {
    const salt = randomBytes(SALT_BYTES);
    const sealed = encrypt(this.#derive(this.currentId, salt), NONCE, context, key);
    return { kekId: this.currentId, bytes: concat(salt, sealed) };
  }

  async unwrap({ kekId, bytes }: WrappedKey, context: Uint8Array): Promise<Uint8Array> {
    const wrappingKey = this.#derive(kekId, bytes.subarray(0, SALT_BYTES));
    const key = decrypt(wrappingKey, NONCE, context, bytes.subarray(SALT_BYTES));
    if (key?.length === KEY_BYTES) return key;
    const detail = `The key ${kekId} of KEK_KEYS does not open this data key: put back the key that had this id.`;
    throw new VaultError('kek-wrong', detail);
  }

  #derive(kekId: string, salt: Uint8Array): Uint8Array {
    const kek = this.#keys.get(kekId);
    if (kek === undefined)
      throw new VaultError(
        'kek-unknown',
        `Put the key ${kekId} back into KEK_KEYS; data is sealed under it.`,
      );
    return deriveKey(kek, salt, INFO);
  }
}

function parse(text: string): { id: string; key: string }[] {
  try {
    return KeySet.parse(JSON.parse(text)).keys;
  } catch {
    // What is wrong with it is not told: it is a secret.
    throw new VaultError('kek-config', 'KEK_KEYS is missing or is not a key set; see docs/encryption.md.');
  }
}

function fromBase64Url(text: string): Uint8Array {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}
