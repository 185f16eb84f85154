import { eq } from 'drizzle-orm';
import type { SessionEvent } from '../../protocol/messages/session.ts';
import type { Database } from './database.ts';
import type { EventDraft, EventLog } from './event-log.ts';
import { session, type SessionRow } from './schema.ts';

/** What may be changed of the record; its identity and version are not for callers. */
export type SessionPatch = Partial<
  Omit<SessionRow, 'id' | 'ownerId' | 'workspaceId' | 'createdAtMs' | 'lastSeq'>
>;

/**
 * The session's one row, kept in memory as well: the actor is its single writer, so reads cost nothing. Whatever
 * happens to the session goes through {@link RecordRepository.commit}, which writes change and event together.
 */
export class RecordRepository {
  readonly #database: Database;
  readonly #log: EventLog;
  #row: SessionRow | null = null;
  /** Called after each committed event, in order. */
  onEvent: ((event: SessionEvent) => void) | null = null;

  constructor(database: Database, log: EventLog) {
    this.#database = database;
    this.#log = log;
  }

  /** Reads the row; call once, after migrations. */
  load(): void {
    this.#row = this.#database.select().from(session).get() ?? null;
  }

  /** The row, or null when there is no session here. */
  get current(): SessionRow | null {
    return this.#row;
  }

  /** The row of a session known to exist. Throws when there is none: callers are past the door. */
  get row(): SessionRow {
    if (this.#row === null) throw new Error('session record missing');
    return this.#row;
  }

  /** Writes the first row, its event and whatever `also` writes. */
  create(row: SessionRow, draft: EventDraft, also: () => void): void {
    this.#database.transaction(() => {
      this.#database.insert(session).values(row).run();
    });
    this.#row = row;
    this.commit(draft, {}, also);
  }

  /**
   * Applies `patch` and whatever `also` writes, and appends one event, all in one transaction. Returns the event's
   * sequence number, which is the record's new version.
   */
  commit(draft: EventDraft, patch: SessionPatch = {}, also?: () => void): number {
    const event = this.#database.transaction(() => {
      also?.();
      const appended = this.#log.append(this.row.lastSeq + 1, draft);
      this.patch({ ...patch, lastSeq: appended.seq });
      return appended;
    });
    this.onEvent?.(event);
    return event.seq;
  }

  /** Changes bookkeeping that is no event in anybody's life: counters, times, samples. */
  patch(patch: SessionPatch & { lastSeq?: number }): void {
    const next = { ...this.row, ...patch };
    this.#database.update(session).set(patch).where(eq(session.id, next.id)).run();
    this.#row = next;
  }

  /** Forgets the row: the storage is gone. */
  clear(): void {
    this.#row = null;
  }
}
