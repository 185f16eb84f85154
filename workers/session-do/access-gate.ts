import { MAX_STALENESS_MS } from '../shared/standing.ts';
import { ASK_ACCESS_AGAIN_MS, MAX_UNCHECKED_MS } from './limits.ts';

/**
 * Whether what goes through a viewer's socket may pass: by an answer that is younger than {@link MAX_STALENESS_MS}, and
 * none is asked for before something goes through. While it flows the next answer is asked for in time, so that nothing
 * waits; after a pause, and after a wake, what comes first waits for it. Pure; times are milliseconds since the epoch.
 */
export class AccessGate {
  /** An answer is on its way. */
  asking = false;
  /** When the answer it goes by was asked for. */
  #askedAtMs = -Infinity;
  /** Since when nobody answers. */
  #unansweredSinceMs: number | null;

  /** `unansweredSinceMs`: as it stood before the actor slept. */
  constructor(unansweredSinceMs: number | null = null) {
    this.#unansweredSinceMs = unansweredSinceMs;
  }

  get unansweredSinceMs(): number | null {
    return this.#unansweredSinceMs;
  }

  /** Whether something may pass now. `ask`: and the next answer is due. On the path of every frame. */
  at(nowMs: number): 'open' | 'ask' | 'shut' {
    const ageMs = nowMs - this.#askedAtMs;
    // A clock set back must not keep it open for ever.
    if (ageMs < ASK_ACCESS_AGAIN_MS && ageMs >= 0) return 'open';
    return ageMs < MAX_STALENESS_MS && ageMs >= 0 ? 'ask' : 'shut';
  }

  /** The socket may stay, as was asked then. */
  allowed(askedAtMs: number): void {
    this.#askedAtMs = askedAtMs;
    this.#unansweredSinceMs = null;
  }

  /**
   * Nobody answers. Who was let in stays for a while, because what runs must not end when something else fails: false,
   * once that was too long.
   */
  unanswered(nowMs: number): boolean {
    this.#unansweredSinceMs ??= nowMs;
    this.#askedAtMs = nowMs;
    return nowMs - this.#unansweredSinceMs < MAX_UNCHECKED_MS;
  }
}
