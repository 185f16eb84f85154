import { REST_AFTER_MS, REST_RATE_PER_S } from '../../protocol/limits.ts';

const SWEEP_EVERY_MS = 1_000;

/** What the watch needs to know of a session. */
export interface Watched {
  readonly linked: boolean;
  /** Grows with whatever comes from the actor or could go to it. */
  readonly progress: number;
  tellQuiet(): void;
}

interface Seen {
  progress: number;
  sinceMs: number;
}

/**
 * Finds linked sessions in which nothing happens, by looking at all of them now and then: the path of a byte carries no
 * timer for it. Those that fall quiet together are told over some seconds, because each telling wakes an actor.
 */
export class QuietWatch {
  readonly #sessions: () => Iterable<readonly [string, Watched]>;
  readonly #restAfterMs: number;
  #seen = new Map<string, Seen>();
  #timer: NodeJS.Timeout | null = null;

  constructor(sessions: () => Iterable<readonly [string, Watched]>, restAfterMs: number = REST_AFTER_MS) {
    this.#sessions = sessions;
    this.#restAfterMs = restAfterMs;
  }

  start(): void {
    this.#timer = setInterval(() => this.sweep(performance.now()), SWEEP_EVERY_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** Tells those that were quiet long enough, at most {@link REST_RATE_PER_S}; the others' turn comes later. */
  sweep(nowMs: number): void {
    const seen = new Map<string, Seen>();
    let told = 0;
    for (const [id, session] of this.#sessions()) {
      if (!session.linked) continue;
      const { progress } = session;
      const before = this.#seen.get(id);
      const since = before?.progress === progress ? before : { progress, sinceMs: nowMs };
      if (nowMs - since.sinceMs >= this.#restAfterMs && told < REST_RATE_PER_S) {
        told += 1;
        since.sinceMs = nowMs;
        session.tellQuiet();
      }
      seen.set(id, since);
    }
    this.#seen = seen;
  }
}
