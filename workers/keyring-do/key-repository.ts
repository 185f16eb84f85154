import { z } from 'zod';

const Row = z.object({
  kid: z.string(),
  /** Public part of the Ed25519 JWK: its `x`. */
  x: z.string(),
  /** The private JWK as JSON. */
  privateJwk: z.string(),
  signsFromMs: z.number(),
  signsUntilMs: z.number(),
});
export type StoredKey = z.infer<typeof Row>;

/** The signing keys, oldest first. */
export class KeyRepository {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS keys (
      kid TEXT PRIMARY KEY, x TEXT NOT NULL, privateJwk TEXT NOT NULL,
      signsFromMs INTEGER NOT NULL, signsUntilMs INTEGER NOT NULL)`);
  }

  all(): StoredKey[] {
    return z.array(Row).parse(this.#sql.exec('SELECT * FROM keys ORDER BY signsFromMs').toArray());
  }

  put(key: StoredKey): void {
    this.#sql.exec(
      'INSERT INTO keys (kid, x, privateJwk, signsFromMs, signsUntilMs) VALUES (?, ?, ?, ?, ?)',
      ...[key.kid, key.x, key.privateJwk, key.signsFromMs, key.signsUntilMs],
    );
  }

  remove(kid: string): void {
    this.#sql.exec('DELETE FROM keys WHERE kid = ?', kid);
  }
}
