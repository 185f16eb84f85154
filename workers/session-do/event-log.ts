import { asc, eq, gt, lte, min } from 'drizzle-orm';
import type { SessionEvent } from '../../protocol/messages/session.ts';
import { describeChange, logReaches } from '../../protocol/sync/change.ts';
import { checksumOf } from '../../protocol/sync/checksum.ts';
import type { JsonObject } from '../../protocol/sync/json.ts';
import type { VersionedState } from '../../protocol/sync/replica.ts';
import type { Database } from './database.ts';
import { EVENTS_PAGE, EVENTS_PAGE_CHARS, MAX_EVENTS } from './limits.ts';
import { masker } from '../shared/log.ts';
import { isVaultError } from '../shared/vault/vault-error.ts';
import type { Vault } from '../shared/vault/vault.ts';
import { events } from './schema.ts';
import { EventContent, sealedEvents } from './sealed.ts';

/** An event before it has its place in the log. */
export interface EventDraft {
  kind: 'CREATE' | 'UPDATE' | 'DELETE';
  /** Dotted subject, e.g. `terminal.opened`. */
  subject: string;
  data?: Record<string, unknown>;
}

/** How many events are deleted at once when the log is too long. */
const TRIM_EVENTS = 100;

/**
 * The log of the session's shared state: versions without gaps, each with what it changed and the checksum after it,
 * written in the transaction of the change. Keeps the state of the newest version in memory.
 */
export class EventLog {
  readonly #database: Database;
  readonly #sealed: ReturnType<typeof sealedEvents>;
  #state: VersionedState = { version: 0, checksum: '', state: {} };

  constructor(database: Database, vault: Vault) {
    this.#database = database;
    this.#sealed = sealedEvents(vault);
  }

  /** The shared state as of the newest event. */
  get current(): VersionedState {
    return this.#state;
  }

  /**
   * Takes up the state that the rows give, for the newest version. False when that is not what the log says it is: a
   * new release sees other things in the same rows, or events were written before there were checksums.
   */
  resume(version: number, state: JsonObject): boolean {
    const checksum = checksumOf(state);
    const last = this.#database.select().from(events).where(eq(events.version, version)).get();
    this.#state = { version, checksum, state };
    return last !== undefined && this.#sealed.open(version, last.content).checksum === checksum;
  }

  /**
   * Appends one event; call inside the transaction of its change. `restated`: what the state was before is not known to
   * those who follow, so that there is no delta. Drops what exceeds the log's length.
   */
  append(draft: EventDraft, state: JsonObject, restated = false): SessionEvent {
    const version = this.#state.version + 1;
    const atMs = Date.now();
    const { kind, subject } = draft;
    const data = EventContent.shape.data.parse(masker.value(draft.data ?? {}));
    const change = describeChange(restated ? null : this.#state.state, state);
    this.#database
      .insert(events)
      .values({ version, atMs, kind, subject, content: this.#sealed.seal(version, { data, ...change }) })
      .run();
    if (version > MAX_EVENTS && version % TRIM_EVENTS === 0) {
      this.#database
        .delete(events)
        .where(lte(events.version, version - MAX_EVENTS))
        .run();
    }
    this.#state = { version, checksum: change.checksum, state };
    return { version, at: new Date(atMs).toISOString(), kind, subject, data, ...change };
  }

  /** As {@link since}; null as well when an event is not what was written: the state, which is proved, says it all. */
  #sinceIntact(version: number): SessionEvent[] | null {
    try {
      return this.since(version);
    } catch (error) {
      if (isVaultError(error)) return null;
      throw error;
    }
  }

  /** States where the log is; not written to it. */
  heartbeat(): SessionEvent {
    const { version, checksum } = this.#state;
    const at = new Date().toISOString();
    return { version, at, kind: 'HEARTBEAT', subject: 'sync.heartbeat', data: {}, delta: {}, checksum };
  }

  /** Events after `version`, oldest first: at most a page, and at least one if there is one. Null: not kept any more. */
  since(version: number, limit = EVENTS_PAGE): SessionEvent[] | null {
    const newest = this.#state.version;
    if (!logReaches({ oldest: this.oldest, newest }, version)) return null;
    if (version === newest) return [];
    const rows = this.#database
      .select()
      .from(events)
      .where(gt(events.version, version))
      .orderBy(asc(events.version))
      .limit(Math.min(limit, EVENTS_PAGE))
      .all();
    const page: SessionEvent[] = [];
    let chars = 0;
    for (const { atMs, content, ...row } of rows) {
      const at = new Date(atMs).toISOString();
      const event = { ...row, ...this.#sealed.open(row.version, content), at };
      chars += JSON.stringify(event).length;
      if (page.length > 0 && chars > EVENTS_PAGE_CHARS) break;
      page.push(event);
    }
    return page;
  }

  /** How a client with the state of `version` becomes current in one message: by the events since, or by the state. */
  catchUp(
    version: number | undefined,
  ): VersionedState | { version: number; checksum: string; events: SessionEvent[] } {
    const missed = version === undefined || version === 0 ? null : this.#sinceIntact(version);
    const last = missed?.at(-1)?.version ?? version;
    if (missed === null || last !== this.#state.version) return this.#state;
    return { version: this.#state.version, checksum: this.#state.checksum, events: missed };
  }

  /** The record of the oldest event kept; null: there is none. */
  oldestRecord(): Uint8Array | null {
    const [row] = this.#database.select().from(events).orderBy(asc(events.version)).limit(1).all();
    return row?.content ?? null;
  }

  /** Deletes all events for good, once their keys are destroyed. */
  erase(): void {
    this.#database.delete(events).run();
  }

  /** Forgets the state: the storage is gone. */
  clear(): void {
    this.#state = { version: 0, checksum: '', state: {} };
  }

  /** The oldest event kept. */
  get oldest(): number {
    const row = this.#database
      .select({ oldest: min(events.version) })
      .from(events)
      .get();
    return row?.oldest ?? this.#state.version + 1;
  }
}
