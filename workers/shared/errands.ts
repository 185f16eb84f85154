import type { AlarmUnit } from './alarms.ts';
import { retryDelayMs } from './backoff.ts';
import { createLogger } from './log.ts';

/** Carried out at once. */
const BATCH = 32;
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 5 * 60_000;

const log = createLogger('errands');

/**
 * Words from one actor to many others: noted in the transaction that they are about, carried out at once when {@link run}
 * is called, and by alarm, ever more rarely, until each was.
 */
export abstract class Errands<Row> implements AlarmUnit {
  abstract readonly name: string;
  #failures = 0;
  #notBeforeMs = 0;
  #running: Promise<void> | null = null;

  /** The first so many that wait. */
  protected abstract waiting(limit: number): Row[];

  /** Does one and takes its note out, unless it has changed meanwhile. Rejects when it could not be done. */
  protected abstract carryOut(row: Row): Promise<void>;

  dueMs(): number | null {
    return this.waiting(1).length === 0 ? null : this.#notBeforeMs;
  }

  /** One run at a time: two words on one thing must not overtake each other. */
  run(nowMs: number): Promise<void> {
    this.#running ??= this.#run(nowMs).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #run(nowMs: number): Promise<void> {
    const { name } = this;
    for (let rows = this.waiting(BATCH); rows.length > 0; rows = this.waiting(BATCH)) {
      const done = await Promise.allSettled(rows.map((row) => this.carryOut(row)));
      const failed = done.find((each) => each.status === 'rejected');
      if (failed === undefined) continue;
      this.#failures += 1;
      const retryInMs = retryDelayMs(this.#failures, RETRY_MIN_MS, RETRY_MAX_MS);
      log('warn', 'others not reached', { name, retryInMs, error: String(failed.reason) });
      this.#notBeforeMs = nowMs + retryInMs;
      return;
    }
    this.#failures = 0;
    this.#notBeforeMs = 0;
  }
}
