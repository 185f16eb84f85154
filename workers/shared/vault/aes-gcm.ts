import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

/**
 * AES-256-GCM (NIST SP 800-38D) and HKDF-SHA-256 (RFC 5869), synchronous, so that they can be part of a transaction.
 * WebCrypto has both, but answers later.
 */
export const KEY_BYTES = 32;
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

/** Ciphertext and tag. The caller sees to it that a nonce is never used twice with a key. */
export function encrypt(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  content: Uint8Array,
): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(associatedData);
  const ciphertext = cipher.update(content);
  // GCM keeps nothing back; this makes the tag.
  cipher.final();
  return concat(ciphertext, cipher.getAuthTag());
}

/** The content; null when key, nonce, associated data or any bit of `sealed` is not as it was. */
export function decrypt(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | null {
  if (sealed.length < TAG_BYTES) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, nonce);
  decipher.setAAD(associatedData);
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const content = decipher.update(sealed.subarray(0, -TAG_BYTES));
  try {
    decipher.final();
  } catch {
    return null;
  }
  // A plain one, not a Buffer.
  return new Uint8Array(content);
}

/** A key of {@link KEY_BYTES} from a secret key, for one salt and purpose. */
export function deriveKey(secret: Uint8Array, salt: Uint8Array, info: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, salt, info, KEY_BYTES));
}

export function randomBytes(byteCount: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(byteCount));
}

/** A fresh buffer with all of `parts`. */
export function concat(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
