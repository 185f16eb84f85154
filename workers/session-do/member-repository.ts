import { asc, eq } from 'drizzle-orm';
import type { Role } from '../../protocol/messages/session.ts';
import type { Identity } from '../shared/rpc.ts';
import type { Database } from './database.ts';
import type { Vault } from '../shared/vault/vault.ts';
import { members, type MemberRow } from './schema.ts';
import { sealedMembers } from './sealed.ts';

/** Somebody the session is shared with now. */
export type ActiveMember = MemberRow & { role: Role };

/** Rows of members, kept in memory as well. Write inside a `RecordRepository.commit`: every change is an event. */
export class MemberRepository {
  readonly #database: Database;
  readonly #sealed: ReturnType<typeof sealedMembers>;
  readonly #rows = new Map<string, MemberRow>();

  constructor(database: Database, vault: Vault) {
    this.#database = database;
    this.#sealed = sealedMembers(vault);
  }

  /** Reads all rows; call once, after migrations and with the vault unlocked. */
  load(): void {
    const stored = this.#database.select().from(members).orderBy(asc(members.addedAtMs)).all();
    for (const { content, ...clear } of stored) {
      const { userId } = clear;
      this.#rows.set(userId, { ...clear, ...this.#sealed.open(userId, content) });
    }
  }

  /** Seals all rows by the newest data key. */
  reseal(): void {
    for (const row of this.#rows.values()) this.put(row);
  }

  /** What somebody may do here; null: nothing, not even know of it. */
  roleOf(userId: string): Role | null {
    return this.#rows.get(userId)?.role ?? null;
  }

  /**
   * What somebody may do here, as whoever they come as: members of the session's workspace are such only while that is
   * their current one; those from outside have the session in their own, and then come to its workspace for it.
   */
  roleFor(who: Pick<Identity, 'userId' | 'workspaceId'>, workspaceId: string): Role | null {
    const row = this.#rows.get(who.userId);
    if (row === undefined) return null;
    const here = who.workspaceId === workspaceId || (row.outside && who.workspaceId === row.userId);
    return here ? row.role : null;
  }

  /** Everybody the session is shared with, in the order they were added. */
  active(): ActiveMember[] {
    return [...this.#rows.values()].filter(isActive);
  }

  /** Those whose list is to be told, removed ones among them. `all`: those whose list was told before, too. */
  toTell(all: boolean): MemberRow[] {
    return [...this.#rows.values()].filter((row) => all || row.indexDirty);
  }

  get(userId: string): MemberRow | undefined {
    return this.#rows.get(userId);
  }

  /** Writes a row, replacing the one of the same user. */
  put(row: MemberRow): void {
    const content = this.#sealed.seal(row.userId, row);
    const stored = { ...this.#sealed.without(row), content };
    this.#database
      .insert(members)
      .values(stored)
      .onConflictDoUpdate({ target: members.userId, set: stored })
      .run();
    this.#rows.set(row.userId, row);
  }

  /** The list of this row's user knows the row, unless it has changed meanwhile. A removed member is forgotten then. */
  told(row: MemberRow): void {
    if (this.#rows.get(row.userId) !== row || !row.indexDirty) return;
    if (row.role !== null) return this.put({ ...row, indexDirty: false });
    this.#database.delete(members).where(eq(members.userId, row.userId)).run();
    this.#rows.delete(row.userId);
  }

  /** Forgets the rows: the storage is gone. */
  clear(): void {
    this.#rows.clear();
  }
}

function isActive(row: MemberRow): row is ActiveMember {
  return row.role !== null;
}
