import { z } from 'zod';
import { NOBODY } from '../shared/directory/deletions.ts';
import { InvitedRole } from '../../protocol/messages/invitation.ts';

const Row = z.object({
  id: z.string(),
  tokenHash: z.string(),
  email: z.string().nullable(),
  role: InvitedRole,
  createdBy: z.string(),
  createdAtMs: z.number(),
  expiresAtMs: z.number(),
  uses: z.number(),
  maxUses: z.number(),
  revokedAtMs: z.number().nullable(),
});
export type InvitationRow = z.infer<typeof Row>;

/** Rows of invitations; of each token only a hash. */
export class InvitationRows {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS invitations (
      id TEXT PRIMARY KEY, tokenHash TEXT NOT NULL UNIQUE, email TEXT, role TEXT NOT NULL, createdBy TEXT NOT NULL,
      createdAtMs INTEGER NOT NULL, expiresAtMs INTEGER NOT NULL, uses INTEGER NOT NULL, maxUses INTEGER NOT NULL,
      revokedAtMs INTEGER)`);
  }

  put(row: InvitationRow): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO invitations
         (id, tokenHash, email, role, createdBy, createdAtMs, expiresAtMs, uses, maxUses, revokedAtMs)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[row.id, row.tokenHash, row.email, row.role, row.createdBy],
      ...[row.createdAtMs, row.expiresAtMs, row.uses, row.maxUses, row.revokedAtMs],
    );
  }

  /** Newest first. */
  all(): InvitationRow[] {
    return this.#find('ORDER BY createdAtMs DESC, id');
  }

  get(id: string): InvitationRow | null {
    return this.#find('WHERE id = ?', id)[0] ?? null;
  }

  byToken(tokenHash: string): InvitationRow | null {
    return this.#find('WHERE tokenHash = ?', tokenHash)[0] ?? null;
  }

  /** What somebody made is nobody's from now on. */
  forget(userId: string): void {
    this.#sql.exec('UPDATE invitations SET createdBy = ? WHERE createdBy = ?', NOBODY, userId);
  }

  clear(): void {
    this.#sql.exec('DELETE FROM invitations');
  }

  /** Forgets those that ended before `beforeMs`. */
  sweep(beforeMs: number): void {
    this.#sql.exec(
      'DELETE FROM invitations WHERE min(expiresAtMs, coalesce(revokedAtMs, expiresAtMs)) < ?',
      beforeMs,
    );
  }

  #find(where: string, ...bindings: string[]): InvitationRow[] {
    return z.array(Row).parse(this.#sql.exec(`SELECT * FROM invitations ${where}`, ...bindings).toArray());
  }
}
