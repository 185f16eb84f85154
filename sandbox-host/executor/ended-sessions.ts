/** Of what ended nothing is of use to what comes after it; so long its actor may still come and ask. */
const FORGET_AFTER_MS = 10 * 60_000;
const SWEEP_EVERY_MS = 60_000;

/** What is to be known of a session to forget it. */
export interface Ending {
  /** Nothing runs in it, nobody is linked to it, and nothing is being done about it. */
  readonly over: boolean;
  /** Gives back what it holds. */
  dispose(): void;
}

/** Forgets sessions that have been over for a while, so that a machine does not remember everybody it ever served. */
export class EndedSessions<Session extends Ending> {
  readonly #sessions: Map<string, Session>;
  readonly #needed: (sessionId: string) => boolean;
  readonly #forgetAfterMs: number;
  #since = new Map<Session, number>();
  #timer: NodeJS.Timeout | null = null;

  /** `needed`: somebody is on the way to the session. */
  constructor(
    sessions: Map<string, Session>,
    needed: (sessionId: string) => boolean,
    forgetAfterMs = FORGET_AFTER_MS,
  ) {
    this.#sessions = sessions;
    this.#needed = needed;
    this.#forgetAfterMs = forgetAfterMs;
  }

  start(): void {
    this.#timer = setInterval(() => this.sweep(performance.now()), SWEEP_EVERY_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** Forgets those that were over at every look for long enough. */
  sweep(nowMs: number): void {
    const since = new Map<Session, number>();
    for (const [id, session] of this.#sessions) {
      if (!session.over || this.#needed(id)) continue;
      const sinceMs = this.#since.get(session) ?? nowMs;
      if (nowMs - sinceMs < this.#forgetAfterMs) since.set(session, sinceMs);
      else {
        session.dispose();
        this.#sessions.delete(id);
      }
    }
    this.#since = since;
  }
}
