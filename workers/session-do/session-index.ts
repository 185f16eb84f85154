import { INDEX_RETRY_MS } from './limits.ts';
import type { Parts } from './parts.ts';
import { toIndexRow } from './session-view.ts';

/** Keeps the owner's list of sessions (UserDO) up to date: a flag in storage, drained at once, again by alarm. */
export class SessionIndex {
  readonly #parts: Parts;
  #draining: Promise<void> | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Sends the latest state if the index lacks it. Call after committing `indexDirty: true`. */
  drain(): void {
    this.#parts.ctx.waitUntil(this.flush());
  }

  /** As {@link drain}; settles when the index was told, or could not be reached. */
  flush(): Promise<void> {
    if (this.#draining === null && this.#parts.records.current?.indexDirty === true)
      this.#draining = this.#run();
    return this.#draining ?? Promise.resolve();
  }

  async #run(): Promise<void> {
    const { records, timers, env, log } = this.#parts;
    try {
      for (let row = records.current; row?.indexDirty === true; row = records.current) {
        const seen = row;
        const user = env.USERS.get(env.USERS.idFromName(row.ownerId));
        if (row.deleted) await user.removeSession(row.id);
        else await user.putSession(toIndexRow(row));
        // Changed meanwhile: told again.
        if (records.current === seen) records.patch({ indexDirty: false });
      }
    } catch (error) {
      log('warn', 'session index not reached', { error: String(error) });
      if (records.current !== null) timers.set('index', Date.now() + INDEX_RETRY_MS);
    } finally {
      this.#draining = null;
    }
  }
}
