import { KEY_BYTES, randomBytes } from './aes-gcm.ts';
import type { KeyEncryptionKey } from './kek.ts';
import { DataKey, damaged } from './data-key.ts';
import { type KeyRow, KeyRows } from './key-rows.ts';
import { decodeHeader, keyContext, type Owner, type Place } from './record.ts';
import { VaultError } from './vault-error.ts';

/** A data key seals new records for so long, or until so many subkeys were drawn from it; then another one does. */
export const DATA_KEY_MAX_AGE_MS = 90 * 24 * 3_600_000;
export const DATA_KEY_MAX_SUBKEYS = 4_096;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * What one actor keeps sealed: AES-256-GCM records under data keys that are stored wrapped beside them. Keys are
 * unwrapped once, by `unlock`, when the actor wakes; from then on sealing and opening are synchronous, so that they are
 * part of a transaction.
 */
export class Vault {
  readonly #kek: KeyEncryptionKey;
  readonly #rows: KeyRows;
  readonly #keys = new Map<number, DataKey>();
  #rotated = false;
  /** Why it could not be unlocked. */
  #failure: VaultError | null = null;
  #state: 'locked' | 'open' | 'shredded' = 'locked';

  constructor(sql: SqlStorage, kek: KeyEncryptionKey) {
    this.#rows = new KeyRows(sql);
    this.#kek = kek;
  }

  /** Whether it was ever unlocked, by whatever instance of its actor. */
  get exists(): boolean {
    return this.#rows.exist;
  }

  /** True once the keys were destroyed: nothing can be sealed or opened ever again. */
  get shredded(): boolean {
    return this.#state === 'shredded';
  }

  /** True when the last {@link unlock} made a data key in place of another, by which records may be sealed anew. */
  get rotated(): boolean {
    return this.#rotated;
  }

  /** True while there are keys that no new record is sealed by; see {@link prune}. */
  get hasOldKeys(): boolean {
    return this.#keys.size > 1;
  }

  /**
   * Makes the vault usable; call while nothing else happens in the actor (`blockConcurrencyWhile`). The first call makes a
   * data key for `owner`. Keys wrapped by another than the current key-encryption key are wrapped anew, and a data key that
   * has served its time is succeeded. Rejects with a `VaultError` when a key cannot be unwrapped; nothing is changed then.
   */
  async unlock(owner: Owner, nowMs = Date.now()): Promise<void> {
    try {
      await this.#unlock(owner, nowMs);
      this.#failure = null;
    } catch (error) {
      if (error instanceof VaultError) this.#failure = error;
      throw error;
    }
  }

  /** Seals bytes for one place. */
  seal(place: Place, content: Uint8Array): Uint8Array<ArrayBuffer> {
    const key = this.#current();
    if (key.needsSubkey) this.#rows.subkeyDrawn(key.number);
    return key.seal(place, content);
  }

  /** Opens what was sealed for this place. Throws `record-damaged`, or `key-unknown`. */
  open(place: Place, record: Uint8Array): Uint8Array {
    this.#current();
    const header = decodeHeader(record);
    if (header === null) throw damaged(place);
    const key = this.#keys.get(header.dataKey);
    if (key === undefined)
      throw new VaultError('key-unknown', `The data key ${header.dataKey} is not here any more.`);
    return key.open(place, record);
  }

  /** Seals a value that is JSON. */
  sealJson(place: Place, value: unknown): Uint8Array<ArrayBuffer> {
    return this.seal(place, encoder.encode(JSON.stringify(value)));
  }

  /** Opens a value sealed by {@link sealJson}; parsing its shape is for the caller. */
  openJson(place: Place, record: Uint8Array): unknown {
    return JSON.parse(decoder.decode(this.open(place, record)));
  }

  /** Destroys the keys that no record was sealed by. `oldest`: of each kind of record the oldest; null: there is none. */
  prune(...oldest: (Uint8Array | null)[]): void {
    const newest = Math.max(...this.#keys.keys());
    const used = oldest.filter((record) => record !== null);
    const needed = Math.min(newest, ...used.map((record) => decodeHeader(record)?.dataKey ?? 0));
    for (const [number, key] of this.#keys) {
      if (number >= needed) continue;
      key.forget();
      this.#keys.delete(number);
    }
    this.#rows.destroyBelow(needed);
  }

  /**
   * Destroys every key, so that what was sealed is gone wherever copies of it are. Wait for `storage.sync()` before doing
   * anything that is to come after.
   */
  shred(): void {
    this.#rows.destroyAll();
    for (const key of this.#keys.values()) key.forget();
    this.#keys.clear();
    this.#state = 'shredded';
  }

  async #unlock(owner: Owner, nowMs: number): Promise<void> {
    this.#rows.prepare();
    const rows = this.#rows.all();
    if (rows === null) {
      this.#state = 'shredded';
      return;
    }
    this.#rotated = false;
    const secrets = await Promise.all(rows.map((row) => this.#unwrap(row)));
    for (const [index, row] of rows.entries()) {
      const secret = secrets[index];
      if (secret === undefined) continue;
      if (!this.#keys.has(row.number))
        this.#keys.set(row.number, new DataKey(row.number, secret, row.owner, row.createdAtMs));
      if (row.wrapped.kekId !== this.#kek.currentId) {
        this.#rows.rewrap(row.number, await this.#kek.wrap(secret, keyContext(row.owner, row.number)));
      }
    }
    const newest = rows.at(-1);
    if (newest === undefined || isSpent(newest, owner, nowMs)) {
      await this.#addKey((newest?.number ?? 0) + 1, owner, nowMs);
      this.#rotated = newest !== undefined;
    }
    this.#state = 'open';
  }

  #current(): DataKey {
    const key = this.#keys.get(Math.max(...this.#keys.keys()));
    if (this.#state === 'open' && key !== undefined) return key;
    if (this.#state === 'shredded') throw new VaultError('shredded', 'The keys of this data were destroyed.');
    throw this.#failure ?? new VaultError('locked', 'The vault was used before it was unlocked.');
  }

  async #addKey(number: number, owner: Owner, createdAtMs: number): Promise<void> {
    const secret = randomBytes(KEY_BYTES);
    const wrapped = await this.#kek.wrap(secret, keyContext(owner, number));
    this.#rows.insert({ number, wrapped, owner, createdAtMs, subkeys: 0 });
    this.#keys.set(number, new DataKey(number, secret, owner, createdAtMs));
  }

  #unwrap({ wrapped, owner, number }: KeyRow): Promise<Uint8Array> {
    return this.#kek.unwrap(wrapped, keyContext(owner, number));
  }
}

/** Whether a key is not to seal new records: too old, used too often, or of another tenant than the data is now. */
function isSpent({ createdAtMs, subkeys, owner }: KeyRow, now: Owner, nowMs: number): boolean {
  return (
    nowMs - createdAtMs > DATA_KEY_MAX_AGE_MS ||
    subkeys >= DATA_KEY_MAX_SUBKEYS ||
    owner.tenant !== now.tenant
  );
}
