import type { SessionEvent } from '../protocol/messages/session.ts';
import type { SessionToViewer } from '../protocol/messages/viewer.ts';
import { type Outcome, type Question, Replica } from '../protocol/sync/replica.ts';
import { SharedState } from '../protocol/sync/shared-state.ts';

type Said<T extends SessionToViewer['type']> = Extract<SessionToViewer, { type: T }>;

/** What a {@link StateFollower} needs of its owner. */
export interface FollowerPort {
  ask(question: Question): void;
  /** The state is another one; `events` say how it became so, and are none when it came whole. */
  changed(state: SharedState, events: readonly SessionEvent[]): void;
}

/** Keeps the shared state of a session as the session has it, and proves it with every event. */
export class StateFollower {
  readonly #port: FollowerPort;
  readonly #replica = new Replica();
  #state: SharedState | null = null;

  constructor(port: FollowerPort) {
    this.#port = port;
  }

  /** The state; null before the first. A value that is never changed, only replaced. */
  get state(): SharedState | null {
    return this.#state;
  }

  /** Version of the state; 0 before the first. */
  get version(): number {
    return this.#replica.version;
  }

  /** The session's answer to `hello`: the whole state, or what was missed. */
  welcome({ version, checksum, state, events }: Said<'welcome'>): void {
    this.#replica.reconnected();
    if (state !== undefined) return this.whole({ type: 'state', version, checksum, state });
    if (events !== undefined && events.length > 0) return this.events({ type: 'events', events, version });
    this.#take([], () => this.#replica.event({ version, checksum, kind: 'HEARTBEAT', delta: {} }));
  }

  event({ event }: Said<'event'>): void {
    this.#take([event], () => this.#replica.event(event));
  }

  events({ events, version }: Said<'events'>): void {
    this.#take(events, () => this.#replica.events(events, version));
  }

  whole(message: Said<'state'>): void {
    this.#take([], () => this.#replica.state(message));
  }

  #take(events: readonly SessionEvent[], tell: () => Outcome): void {
    const before = this.#replica.version;
    const { changed, ask } = tell();
    if (changed) {
      const parsed = SharedState.safeParse(this.#replica.document);
      // A state this client cannot read (of a newer edge, say) is no reason to lose the terminals.
      if (parsed.success) {
        this.#state = parsed.data;
        const told = events.filter(({ version }) => version > before && version <= this.#replica.version);
        this.#port.changed(parsed.data, told);
      }
    }
    if (ask !== null) this.#port.ask(ask);
  }
}
