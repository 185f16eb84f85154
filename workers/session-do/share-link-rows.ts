import { desc, eq } from 'drizzle-orm';
import type { Database } from './database.ts';
import { shareLinks, type ShareLinkRow } from './schema.ts';

/** Rows of share links; of each token only a hash. Write inside a `RecordRepository.commit`: every change is an event. */
export class ShareLinkRows {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Newest first. */
  all(): ShareLinkRow[] {
    return this.#database
      .select()
      .from(shareLinks)
      .orderBy(desc(shareLinks.createdAtMs), shareLinks.id)
      .all();
  }

  get(id: string): ShareLinkRow | undefined {
    return this.#database.select().from(shareLinks).where(eq(shareLinks.id, id)).get();
  }

  byToken(tokenHash: string): ShareLinkRow | undefined {
    return this.#database.select().from(shareLinks).where(eq(shareLinks.tokenHash, tokenHash)).get();
  }

  put(row: ShareLinkRow): void {
    const { id: _id, ...rest } = row;
    this.#database
      .insert(shareLinks)
      .values(row)
      .onConflictDoUpdate({ target: shareLinks.id, set: rest })
      .run();
  }

  /** Links that somebody made who is out of the workspace are another's from now on. */
  handOver(userId: string, successorId: string): void {
    this.#database
      .update(shareLinks)
      .set({ createdBy: successorId })
      .where(eq(shareLinks.createdBy, userId))
      .run();
  }

  remove(id: string): void {
    this.#database.delete(shareLinks).where(eq(shareLinks.id, id)).run();
  }
}

/** Whether a link lets people in. */
export function isOpen(row: ShareLinkRow, nowMs: number): boolean {
  return isGood(row, nowMs) && row.uses < row.maxUses;
}

/** Whether those a link let in may stay. */
export function isGood(row: ShareLinkRow, nowMs: number): boolean {
  return row.revokedAtMs === null && row.expiresAtMs > nowMs;
}
