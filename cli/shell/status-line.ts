import type { ConnectionState } from '../../client/index.ts';

/** Failed attempts before a person is told: the first retry is immediate and mostly unnoticed. */
const QUIET_ATTEMPTS = 1;

/**
 * One line about a lost connection, and one when it is back. Decides what to say; null: nothing new.
 */
export class StatusLine {
  #told = false;

  next(state: ConnectionState): string | null {
    if (state.kind === 'waiting' && state.attempt > QUIET_ATTEMPTS && !this.#told) {
      this.#told = true;
      return 'connection lost; reconnecting, what you type is kept (Enter ~ . detaches)';
    }
    if (state.kind === 'connected' && this.#told) {
      this.#told = false;
      return 'connected again';
    }
    return null;
  }
}
