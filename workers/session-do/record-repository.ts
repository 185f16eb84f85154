import { eq } from 'drizzle-orm';
import type { SessionEvent } from '../../protocol/messages/session.ts';
import type { Database } from './database.ts';
import type { EventDraft, EventLog } from './event-log.ts';
import type { JsonObject } from '../../protocol/sync/json.ts';
import type { Vault } from '../shared/vault/vault.ts';
import { session, type SessionRow } from './schema.ts';
import { sealedSession } from './sealed.ts';

/** What may be changed of the record; its identity and version are not for callers. */
export type SessionPatch = Partial<Omit<SessionRow, 'id' | 'workspaceId' | 'createdAtMs' | 'lastSeq'>>;

/** There is one row, so that its record needs no other name. */
const RECORD = 0;

/**
 * The session's one row, kept in memory as well: the actor is its single writer, so reads cost nothing. Whatever
 * happens to the session goes through {@link RecordRepository.commit}, which writes change and event together.
 */
export class RecordRepository {
  readonly #database: Database;
  readonly #log: EventLog;
  readonly #sealed: ReturnType<typeof sealedSession>;
  /** The shared state that the rows give now. */
  readonly #describe: () => JsonObject;
  #row: SessionRow | null = null;
  /** Called after each committed event, in order. */
  onEvent: ((event: SessionEvent) => void) | null = null;

  constructor(database: Database, vault: Vault, log: EventLog, describe: () => JsonObject) {
    this.#database = database;
    this.#log = log;
    this.#sealed = sealedSession(vault);
    this.#describe = describe;
  }

  /** Reads the row; call once, after migrations and with the vault unlocked. */
  load(): void {
    const stored = this.#database.select().from(session).get();
    if (stored === undefined) return;
    const { content, ...clear } = stored;
    this.#row = { ...clear, ...this.#sealed.open(RECORD, content) };
  }

  /** Seals the row by the newest data key. */
  reseal(): void {
    this.#database
      .update(session)
      .set({ content: this.#sealed.seal(RECORD, this.row) })
      .run();
  }

  /** Takes up the log; call once all rows are loaded. When they tell of another state than the log, that is an event. */
  resume(): void {
    if (this.#log.resume(this.row.lastSeq, this.#describe())) return;
    this.#commit({ kind: 'UPDATE', subject: 'session.restated' }, {}, undefined, true);
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
      const content = this.#sealed.seal(RECORD, row);
      this.#database
        .insert(session)
        .values({ ...this.#sealed.without(row), content })
        .run();
    });
    this.#row = row;
    this.commit(draft, {}, also);
  }

  /**
   * Applies `patch` and whatever `also` writes, and appends one event, all in one transaction. The event goes out to
   * clients after it; the platform holds it back until the transaction is durable.
   */
  commit(draft: EventDraft, patch: SessionPatch = {}, also?: () => void): void {
    this.#commit(draft, patch, also, false);
  }

  #commit(draft: EventDraft, patch: SessionPatch, also: (() => void) | undefined, restated: boolean): void {
    const event = this.#database.transaction(() => {
      also?.();
      const appended = this.#append(draft, patch, restated);
      this.patch({ ...patch, lastSeq: appended.version });
      return appended;
    });
    this.onEvent?.(event);
  }

  /** The event of the row as it will be with `patch`, which is written afterwards: once, with the event's version. */
  #append(draft: EventDraft, patch: SessionPatch, restated: boolean): SessionEvent {
    const before = this.row;
    this.#row = { ...before, ...patch };
    try {
      return this.#log.append(draft, this.#describe(), restated);
    } finally {
      this.#row = before;
    }
  }

  /**
   * Changes bookkeeping that is not in the shared state: counters, times, plans. What is so already is not written; when
   * anything is, the whole row is: an actor keeps every statement it ever ran, and each kind of change would be one more.
   */
  patch(patch: SessionPatch & { lastSeq?: number }): void {
    const before = this.row;
    const news: SessionPatch = Object.fromEntries(
      Object.entries(patch).filter(([name, value]) => before[name as keyof SessionRow] !== value),
    );
    if (Object.keys(news).length === 0) return;
    const next = { ...before, ...news };
    const content = this.#sealed.isIn(news) ? { content: this.#sealed.seal(RECORD, next) } : {};
    const { id, ...stored } = { ...this.#sealed.without(next), ...content };
    this.#database.update(session).set(stored).where(eq(session.id, id)).run();
    this.#row = next;
  }

  /** Forgets the row: the storage is gone. */
  clear(): void {
    this.#row = null;
    this.#log.clear();
  }
}
