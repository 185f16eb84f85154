import { checksumOf } from './checksum.ts';
import type { JsonObject } from './json.ts';
import { merge } from './merge-patch.ts';

/** What a replica needs of an event. `HEARTBEAT` only states where the log stands. */
export interface ReplicaEvent {
  version: number;
  kind: 'CREATE' | 'UPDATE' | 'DELETE' | 'HEARTBEAT';
  delta: JsonObject | null;
  checksum: string;
}

/** A document as it is at a version. */
export interface VersionedState {
  version: number;
  checksum: string;
  state: JsonObject;
}

/** What a replica wants to know next. */
export type Question = { type: 'events.since'; version: number } | { type: 'state.get' };

/** What came of something said to a replica. */
export interface Outcome {
  /** The document is another one now. */
  changed: boolean;
  /** To be asked of the source; null: all is well, or it was asked already. */
  ask: Question | null;
}

/**
 * A copy of a document kept by events that is never silently wrong: versions have no gaps, and after every event the
 * checksum of the copy is the source's. On a gap it asks for the events it missed, on a wrong checksum for the whole
 * state (the same event again would give the same). Pure: the owner carries questions and answers.
 */
export class Replica {
  #document: JsonObject | null = null;
  #version = 0;
  #checksum = '';
  /** Asked and not yet answered; asked once only until an answer, a heartbeat or another connection. */
  #asked: Question['type'] | null = null;

  /** Version of the document; 0 before the first. */
  get version(): number {
    return this.#version;
  }

  get checksum(): string {
    return this.#checksum;
  }

  /** The document; null before the first. */
  get document(): JsonObject | null {
    return this.#document;
  }

  /** An event, pushed or asked for. */
  event(event: ReplicaEvent): Outcome {
    if (event.kind === 'HEARTBEAT') return this.#heartbeat(event);
    if (this.#document === null) return this.#ask('state.get');
    if (event.version <= this.#version) return SETTLED;
    if (event.version > this.#version + 1) return this.#ask('events.since');
    if (event.delta === null) return this.#ask('state.get');
    const next = merge(this.#document, event.delta);
    if (checksumOf(next) !== event.checksum) return this.#ask('state.get');
    this.#become(next, event);
    return { changed: true, ask: null };
  }

  /** The answer to `events.since`, or to a `hello` that named a version. `newest`: the version of the log. */
  events(events: readonly ReplicaEvent[], newest: number): Outcome {
    if (this.#asked === 'events.since') this.#asked = null;
    let changed = false;
    for (const event of events) {
      const outcome = this.event(event);
      changed ||= outcome.changed;
      if (outcome.ask !== null) return { changed, ask: outcome.ask };
    }
    if (this.#version >= newest) return { changed, ask: null };
    // One answer is a page. One that does not help will not help again.
    return { changed, ask: this.#ask(changed ? 'events.since' : 'state.get').ask };
  }

  /** The whole state. One that contradicts its own checksum is not taken. */
  state({ version, checksum, state }: VersionedState): Outcome {
    const wanted = this.#asked === 'state.get' || this.#document === null;
    if (version < this.#version && !wanted) return SETTLED;
    if (checksumOf(state) !== checksum) return SETTLED;
    this.#asked = null;
    const changed = checksum !== this.#checksum || version !== this.#version;
    this.#become(state, { version, checksum });
    return { changed, ask: null };
  }

  /** Another connection: what was asked on the one before is not answered any more. */
  reconnected(): void {
    this.#asked = null;
  }

  #heartbeat({ version, checksum }: ReplicaEvent): Outcome {
    // Whatever was asked and is not answered yet may be lost.
    this.#asked = null;
    if (this.#document !== null && version > this.#version) return this.#ask('events.since');
    const same = this.#document !== null && version === this.#version && checksum === this.#checksum;
    return same ? SETTLED : this.#ask('state.get');
  }

  #become(document: JsonObject, at: { version: number; checksum: string }): void {
    this.#document = document;
    this.#version = at.version;
    this.#checksum = at.checksum;
  }

  #ask(type: Question['type']): Outcome {
    if (this.#asked === type || this.#asked === 'state.get') return SETTLED;
    this.#asked = type;
    const ask: Question = type === 'state.get' ? { type } : { type, version: this.#version };
    return { changed: false, ask };
  }
}

const SETTLED: Outcome = { changed: false, ask: null };
