import type { AlarmUnit } from '../alarms.ts';
import { createLogger } from '../log.ts';
import type { Owner } from './record.ts';
import type { Vault } from './vault.ts';

/** Data keys are looked after this often, and whenever their actor wakes. */
export const KEY_CARE_EVERY_MS = 30 * 24 * 3_600_000;
/** After a failure sooner, should the actor live so long. */
const AFTER_FAILURE_MS = 60_000;

const log = createLogger('vault');

/** The record of a table that was sealed by the oldest key; null: there is none. */
export function oldestRecord(sql: SqlStorage, table: string): Uint8Array | null {
  const query = `SELECT content FROM ${table} WHERE content IS NOT NULL ORDER BY substr(content, 2, 4) LIMIT 1`;
  const content = sql.exec(query).toArray()[0]?.['content'];
  return content instanceof ArrayBuffer ? new Uint8Array(content) : null;
}

/** What an actor does with its sealed rows when keys change. */
export interface SealedRows {
  /** Seals what is there of before there was encryption. */
  sealClear(): void;
  /** Seals all rows by the newest key. */
  reseal(): void;
  /** The record that was sealed by the oldest key of all; null: there is none. */
  oldest(): Uint8Array | null;
}

/**
 * Unlocks the vault of an actor and looks after its keys, at every wake and by its alarm. An actor whose keys cannot be
 * had goes on without: whoever needs what is sealed gets the `VaultError`.
 */
export class VaultCare implements AlarmUnit {
  readonly name = 'vault';
  readonly #vault: Vault;
  readonly #owner: Owner;
  readonly #storage: DurableObjectStorage;
  readonly #rows: readonly SealedRows[];
  #dueMs: number | null = null;

  constructor(vault: Vault, owner: Owner, storage: DurableObjectStorage, rows: readonly SealedRows[]) {
    this.#vault = vault;
    this.#owner = owner;
    this.#storage = storage;
    this.#rows = rows;
  }

  dueMs(): number | null {
    return this.#dueMs;
  }

  /** Call while nothing else happens in the actor. Never rejects. */
  async run(nowMs = Date.now()): Promise<void> {
    try {
      await this.#vault.unlock(this.#owner, nowMs);
      this.#tidy();
      this.#dueMs = nowMs + KEY_CARE_EVERY_MS;
    } catch (error) {
      log('error', 'not unlocked', { subject: this.#owner.subject, error: String(error) });
      this.#dueMs = nowMs + AFTER_FAILURE_MS;
    }
  }

  #tidy(): void {
    this.#storage.transactionSync(() => {
      for (const rows of this.#rows) rows.sealClear();
    });
    if (!this.#vault.hasOldKeys) return;
    this.#storage.transactionSync(() => {
      if (this.#vault.rotated) for (const rows of this.#rows) rows.reseal();
      this.#vault.prune(...this.#rows.map((rows) => rows.oldest()));
    });
  }
}
