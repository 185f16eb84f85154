import { z } from 'zod';
import type { IssuerSubject } from '../shared/devices-rpc.ts';

const Row = z.object({
  ...{ issuer: z.string(), subject: z.string(), providerId: z.string(), email: z.string().nullable() },
  ...{ createdAtMs: z.number(), lastUsedAtMs: z.number() },
});
export type IdentityRow = z.infer<typeof Row>;

/** How the user signs in: subjects at issuers, and what those last said. */
export class Identities {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS identities (
      issuer TEXT NOT NULL, subject TEXT NOT NULL, providerId TEXT NOT NULL, email TEXT,
      createdAtMs INTEGER NOT NULL, lastUsedAtMs INTEGER NOT NULL, PRIMARY KEY (issuer, subject))`);
  }

  /** Addresses the issuers vouch for, in lower case. */
  emails(): string[] {
    const found = this.#sql.exec(
      'SELECT DISTINCT lower(email) AS email FROM identities WHERE email IS NOT NULL',
    );
    return z
      .array(z.object({ email: z.string() }))
      .parse(found.toArray())
      .map(({ email }) => email);
  }

  all(): IdentityRow[] {
    const found = this.#sql.exec('SELECT * FROM identities ORDER BY createdAtMs, issuer, subject');
    return z.array(Row).parse(found.toArray());
  }

  /** Notes that somebody signed in with it. */
  use({ issuer, subject, providerId, email }: IssuerSubject, nowMs: number): IdentityRow {
    const row = this.#sql
      .exec(
        `INSERT INTO identities (issuer, subject, providerId, email, createdAtMs, lastUsedAtMs)
         VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (issuer, subject) DO UPDATE SET providerId = excluded.providerId, email = excluded.email,
           lastUsedAtMs = excluded.lastUsedAtMs RETURNING *`,
        ...[issuer, subject, providerId, email, nowMs, nowMs],
      )
      .one();
    return Row.parse(row);
  }
}
