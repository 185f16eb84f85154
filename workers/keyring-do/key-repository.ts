import { z } from 'zod';
import { PrivateJwk } from '../shared/keyring-rpc.ts';
import { hasColumn, sealClearRows } from '../shared/vault/clear-columns.ts';
import { SealedPart } from '../shared/vault/sealed-part.ts';
import { oldestRecord, type SealedRows } from '../shared/vault/vault-care.ts';
import type { Vault } from '../shared/vault/vault.ts';

const Row = z.object({
  kid: z.string(),
  /** Public part of the Ed25519 JWK: its `x`. */
  x: z.string(),
  signsFromMs: z.number(),
  signsUntilMs: z.number(),
});
/** What of a key may be known by all. */
export type StoredKey = z.infer<typeof Row>;

const Content = z.object({ jwk: PrivateJwk });
const NO_KEY: z.infer<typeof Content> = { jwk: { kty: 'OKP', crv: 'Ed25519', x: '', d: '' } };
const Sealed = z.object({ kid: z.string(), content: z.instanceof(ArrayBuffer).nullable() });

/** The signing keys, oldest first; their private halves sealed. */
export class KeyRepository implements SealedRows {
  readonly #sql: SqlStorage;
  readonly #sealed: SealedPart<typeof Content.shape>;

  constructor(sql: SqlStorage, vault: Vault) {
    this.#sql = sql;
    this.#sealed = new SealedPart(vault, 'signing-key', Content, NO_KEY);
    sql.exec(`CREATE TABLE IF NOT EXISTS keys (
      kid TEXT PRIMARY KEY, x TEXT NOT NULL, signsFromMs INTEGER NOT NULL, signsUntilMs INTEGER NOT NULL, content BLOB)`);
    if (!hasColumn(sql, 'keys', 'content')) sql.exec('ALTER TABLE keys ADD COLUMN content BLOB');
  }

  all(): StoredKey[] {
    return z.array(Row).parse(this.#sql.exec('SELECT * FROM keys ORDER BY signsFromMs').toArray());
  }

  /** The private half of a key that is there. Throws a `VaultError` when it cannot be had. */
  privateJwk(kid: string): PrivateJwk {
    const row = Sealed.parse(this.#sql.exec('SELECT kid, content FROM keys WHERE kid = ?', kid).one());
    return this.#sealed.open(kid, row.content).jwk;
  }

  put({ kid, x, signsFromMs, signsUntilMs }: StoredKey, jwk: PrivateJwk): void {
    this.#sql.exec(
      'INSERT INTO keys (kid, x, signsFromMs, signsUntilMs, content) VALUES (?, ?, ?, ?, ?)',
      ...[kid, x, signsFromMs, signsUntilMs, this.#sealed.seal(kid, { jwk }).buffer],
    );
  }

  remove(kid: string): void {
    this.#sql.exec('DELETE FROM keys WHERE kid = ?', kid);
  }

  sealClear(): void {
    if (!hasColumn(this.#sql, 'keys', 'privateJwk')) return;
    sealClearRows(this.#sql, {
      ...{ table: 'keys', key: 'kid', columns: ['privateJwk'] },
      seal: (kid, { privateJwk }) =>
        this.#sealed.seal(kid, Content.parse({ jwk: JSON.parse(z.string().parse(privateJwk)) })),
    });
    this.#sql.exec('ALTER TABLE keys DROP COLUMN privateJwk');
  }

  reseal(): void {
    for (const { kid } of this.all()) {
      const content = this.#sealed.seal(kid, { jwk: this.privateJwk(kid) });
      this.#sql.exec('UPDATE keys SET content = ? WHERE kid = ?', content.buffer, kid);
    }
  }

  oldest(): Uint8Array | null {
    return oldestRecord(this.#sql, 'keys');
  }
}
