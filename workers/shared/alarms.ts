import { createLogger } from './log.ts';

/** A unit that failed is run again no sooner than after so long; units with a backoff of their own do not fail. */
const AFTER_FAILURE_MS = 30_000;

/** Something an actor has to do at some time. */
export interface AlarmUnit {
  /** For the log. */
  readonly name: string;
  /** When it is due, in milliseconds since the epoch; null: nothing waits. Read from storage or kept in memory. */
  dueMs(): number | null;
  /** Does what is due. */
  run(nowMs: number): void | Promise<void>;
}

const log = createLogger('alarms');

/**
 * The one alarm of an actor, shared by its units: set to whichever is due first. Arm it whenever a unit got something
 * to wait for and when the actor starts, because the platform drops an alarm after repeated failures.
 */
export class Alarms {
  readonly #storage: DurableObjectStorage;
  readonly #units: readonly AlarmUnit[];
  readonly #notBeforeMs = new Map<AlarmUnit, number>();

  constructor(storage: DurableObjectStorage, units: readonly AlarmUnit[]) {
    this.#storage = storage;
    this.#units = units;
  }

  /** Sets the alarm to the earliest unit, unless it is earlier already: then the alarm finds out that it was early. */
  async arm(): Promise<void> {
    // The platform takes no time before the first millisecond of the epoch: 0 is at once.
    const dueMs = Math.max(1, Math.min(...this.#units.map((unit) => this.#dueMs(unit) ?? Infinity)));
    if (dueMs === Infinity) return;
    const armedMs = await this.#storage.getAlarm();
    // What is long due, too, needs a time the platform takes.
    if (armedMs === null || armedMs > dueMs) await this.#storage.setAlarm(Math.max(dueMs, Date.now()));
  }

  /** Runs what is due and arms again. One unit's failure does not keep the others from running. */
  async fire(nowMs: number): Promise<void> {
    for (const unit of this.#units) {
      const dueMs = this.#dueMs(unit);
      if (dueMs === null || dueMs > nowMs) continue;
      try {
        await unit.run(nowMs);
        this.#notBeforeMs.delete(unit);
      } catch (error) {
        this.#notBeforeMs.set(unit, nowMs + AFTER_FAILURE_MS);
        log('error', 'unit failed', { unit: unit.name, error: String(error) });
      }
    }
    await this.arm();
  }

  #dueMs(unit: AlarmUnit): number | null {
    const dueMs = unit.dueMs();
    return dueMs === null ? null : Math.max(dueMs, this.#notBeforeMs.get(unit) ?? 0);
  }
}
