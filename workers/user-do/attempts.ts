/** Attempts are counted for so long. */
const WINDOW_MS = 10 * 60_000;
/** User codes that somebody may try in that time. */
export const MAX_CODE_ATTEMPTS = 30;

/** Counts what a user tries that could be guessed. */
export class Attempts {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** False: too many lately. */
  take(nowMs: number): boolean {
    const kept = this.#storage.kv.get<{ sinceMs: number; count: number }>('code-attempts');
    const isLately = kept !== undefined && nowMs >= kept.sinceMs && nowMs - kept.sinceMs < WINDOW_MS;
    const attempts = isLately ? kept : { sinceMs: nowMs, count: 0 };
    if (attempts.count >= MAX_CODE_ATTEMPTS) return false;
    this.#storage.kv.put('code-attempts', { ...attempts, count: attempts.count + 1 });
    return true;
  }
}
