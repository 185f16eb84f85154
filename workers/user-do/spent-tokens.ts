import type { AlarmUnit } from '../shared/alarms.ts';

/** Ids of single-use tokens that were spent, kept until the token would have expired anyway. */
export class SpentTokens implements AlarmUnit {
  readonly name = 'spent-tokens';
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec('CREATE TABLE IF NOT EXISTS spent_tokens (jti TEXT PRIMARY KEY, expiresAtMs INTEGER NOT NULL)');
  }

  /** True the first time. */
  spend(jti: string, expiresAtMs: number): boolean {
    const inserted = this.#sql.exec(
      'INSERT INTO spent_tokens (jti, expiresAtMs) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING jti',
      jti,
      // Verifiers allow their clocks a little; keep the id a minute longer than the token.
      expiresAtMs + 60_000,
    );
    return inserted.toArray().length === 1;
  }

  run(nowMs: number): void {
    this.#sql.exec('DELETE FROM spent_tokens WHERE expiresAtMs <= ?', nowMs);
  }

  dueMs(): number | null {
    const row = this.#sql.exec('SELECT min(expiresAtMs) AS ms FROM spent_tokens').one();
    return typeof row['ms'] === 'number' ? row['ms'] : null;
  }
}
