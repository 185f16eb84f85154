import { asc, gt, lte } from 'drizzle-orm';
import type { SessionEvent } from '../../protocol/messages/session.ts';
import type { Database } from './database.ts';
import { EVENTS_PAGE, EVENTS_PAGE_CHARS, MAX_EVENTS } from './limits.ts';
import { events } from './schema.ts';

/** An event before it has its place in the log. */
export interface EventDraft {
  kind: SessionEvent['kind'];
  /** Dotted subject, e.g. `terminal.opened`. */
  subject: string;
  data?: Record<string, unknown>;
}

/** The session's event log: numbers without gaps, written in the transaction of the change they tell of. */
export class EventLog {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Appends one event as `seq`. Call inside the transaction of its change; drops what exceeds the log's length. */
  append(seq: number, draft: EventDraft): SessionEvent {
    const atMs = Date.now();
    const data = draft.data ?? {};
    this.#database.insert(events).values({ seq, atMs, kind: draft.kind, subject: draft.subject, data }).run();
    if (seq > MAX_EVENTS && seq % 100 === 0) {
      this.#database
        .delete(events)
        .where(lte(events.seq, seq - MAX_EVENTS))
        .run();
    }
    return { seq, at: new Date(atMs).toISOString(), kind: draft.kind, subject: draft.subject, data };
  }

  /** Events after `seq`, oldest first: at most a page, and at least one if there is one. */
  since(seq: number): SessionEvent[] {
    const rows = this.#database
      .select()
      .from(events)
      .where(gt(events.seq, seq))
      .orderBy(asc(events.seq))
      .limit(EVENTS_PAGE)
      .all();
    const page: SessionEvent[] = [];
    let chars = 0;
    for (const row of rows) {
      const event = {
        seq: row.seq,
        at: new Date(row.atMs).toISOString(),
        kind: row.kind,
        subject: row.subject,
        data: row.data,
      };
      chars += JSON.stringify(event).length;
      if (page.length > 0 && chars > EVENTS_PAGE_CHARS) break;
      page.push(event);
    }
    return page;
  }
}
