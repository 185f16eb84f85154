import { concat, decrypt, deriveKey, encrypt, randomBytes } from './aes-gcm.ts';
import { base64Url } from '../ids.ts';
import {
  decodeHeader,
  encodeHeader,
  HEADER_BYTES,
  nonceOf,
  type Owner,
  type Place,
  recordContext,
  SALT_BYTES,
} from './record.ts';
import { VaultError } from './vault-error.ts';

/** Records sealed under one subkey. NIST SP 800-38D, 8.3, would allow 2^32. */
export const MAX_RECORDS_PER_SUBKEY = 2 ** 14;
/** Subkeys kept for reading, for each data key. */
const MAX_CACHED_SUBKEYS = 64;
const INFO = 'alex-edge record v1';

/**
 * A data key that seals and opens records, in memory.
 *
 * No nonce repeats, whatever becomes of the storage. A data key encrypts nothing itself: each life of the actor draws a
 * salt of 192 random bits and derives a subkey from it by HKDF-SHA-256 (RFC 5869). Under that subkey nonces count from
 * zero (the deterministic construction of NIST SP 800-38D, 8.2.1), the counter being in memory alone, where no restored
 * snapshot of the storage and no transaction rolled back can set it back. The next life, on whatever storage, draws
 * another salt: after 2^48 lives of one data key the chance that two were equal is 2^-97. (The same idea, a subkey from a
 * long random part of the nonce, as XAES-256-GCM of C2SP; there for every message, here for every life.)
 */
export class DataKey {
  readonly number: number;
  readonly owner: Owner;
  readonly createdAtMs: number;
  readonly #secret: Uint8Array;
  readonly #subkeys = new Map<string, Uint8Array>();
  #writing: { salt: Uint8Array; subkey: Uint8Array; records: number } | null = null;

  constructor(number: number, secret: Uint8Array, owner: Owner, createdAtMs: number) {
    this.number = number;
    this.#secret = secret;
    this.owner = owner;
    this.createdAtMs = createdAtMs;
  }

  /** True when the next `seal` draws a subkey. */
  get needsSubkey(): boolean {
    return this.#writing === null || this.#writing.records >= MAX_RECORDS_PER_SUBKEY;
  }

  seal(place: Place, content: Uint8Array): Uint8Array<ArrayBuffer> {
    if (this.#writing === null || this.needsSubkey) {
      const salt = randomBytes(SALT_BYTES);
      this.#writing = { salt, subkey: deriveKey(this.#secret, salt, INFO), records: 0 };
    }
    const { salt, subkey, records: counter } = this.#writing;
    // Counted before it is used: a failure wastes a nonce and never repeats one.
    this.#writing.records += 1;
    const header = encodeHeader({ dataKey: this.number, salt, counter });
    return concat(header, encrypt(subkey, nonceOf(counter), this.#associatedData(header, place), content));
  }

  /** What was sealed here. Throws `record-damaged` for any other bytes, and in any other place. */
  open(place: Place, record: Uint8Array): Uint8Array {
    const header = decodeHeader(record);
    if (header === null) throw damaged(place);
    const associatedData = this.#associatedData(record.subarray(0, HEADER_BYTES), place);
    const sealed = record.subarray(HEADER_BYTES);
    const content = decrypt(this.#subkey(header.salt), nonceOf(header.counter), associatedData, sealed);
    if (content === null) throw damaged(place);
    return content;
  }

  /** Overwrites the key in memory. */
  forget(): void {
    this.#secret.fill(0);
    this.#writing?.subkey.fill(0);
    this.#writing = null;
    for (const subkey of this.#subkeys.values()) subkey.fill(0);
    this.#subkeys.clear();
  }

  #associatedData(header: Uint8Array, place: Place): Uint8Array {
    return concat(header, recordContext(this.owner, place));
  }

  #subkey(salt: Uint8Array): Uint8Array {
    const name = base64Url(salt);
    const known = this.#subkeys.get(name);
    if (known !== undefined) return known;
    const subkey = deriveKey(this.#secret, salt, INFO);
    const [oldest] = this.#subkeys.keys();
    if (oldest !== undefined && this.#subkeys.size >= MAX_CACHED_SUBKEYS) this.#subkeys.delete(oldest);
    this.#subkeys.set(name, subkey);
    return subkey;
  }
}

export function damaged({ stream, sequence }: Place): VaultError {
  return new VaultError(
    'record-damaged',
    `The record ${stream}/${sequence} is not what was written; restore the storage from a backup.`,
  );
}
