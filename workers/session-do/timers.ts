import { eq, inArray } from 'drizzle-orm';
import type { Database } from './database.ts';
import { timers } from './schema.ts';

/** Everything a session may wait for; the actor has one alarm, set to the earliest. */
export const TIMER_NAMES = [
  'placement',
  'stop',
  'idle',
  'expiry',
  'usage',
  'index',
  'keys',
  'audit',
  'links',
] as const;
export type TimerName = (typeof TIMER_NAMES)[number];

/** An alarm that has become too early is put right so long after. Shorter than the platform keeps an idle actor. */
const SETTLE_MS = 2_000;

/** Named deadlines in storage behind the actor's single alarm. */
export class Timers {
  readonly #database: Database;
  readonly #storage: DurableObjectStorage;
  readonly #atMs = new Map<string, number>();
  #armedMs: number | null = null;
  #settling: ReturnType<typeof setTimeout> | null = null;

  constructor(database: Database, storage: DurableObjectStorage) {
    this.#database = database;
    this.#storage = storage;
  }

  /**
   * Reads what was set, and arms the alarm again unless it is, at `armedMs`: the platform drops it after repeated
   * failures. Names of other releases are passed over.
   */
  load(armedMs: number | null): void {
    const known = inArray(timers.name, [...TIMER_NAMES]);
    for (const row of this.#database.select().from(timers).where(known).all())
      this.#atMs.set(row.name, row.atMs);
    this.#armedMs = armedMs;
    this.#arm();
  }

  /** When a timer is due, in milliseconds since the epoch; null when it is not set. */
  at(name: TimerName): number | null {
    return this.#atMs.get(name) ?? null;
  }

  /** Sets or moves a timer. */
  set(name: TimerName, atMs: number): void {
    if (this.#atMs.get(name) === atMs) return;
    this.#atMs.set(name, atMs);
    this.#database
      .insert(timers)
      .values({ name, atMs })
      .onConflictDoUpdate({ target: timers.name, set: { atMs } })
      .run();
    this.#arm();
  }

  /** Sets a timer unless it is due earlier already. */
  setAtLatest(name: TimerName, atMs: number): void {
    const set = this.#atMs.get(name);
    if (set === undefined || set > atMs) this.set(name, atMs);
  }

  clear(name: TimerName): void {
    if (!this.#atMs.delete(name)) return;
    this.#database.delete(timers).where(eq(timers.name, name)).run();
    this.#arm();
  }

  /** Takes the timers that are due, clearing them. Call from the alarm, then act, then {@link rearm}. */
  takeDue(nowMs: number): TimerName[] {
    const due = TIMER_NAMES.filter((name) => (this.#atMs.get(name) ?? Infinity) <= nowMs);
    for (const name of due) {
      this.#atMs.delete(name);
      this.#database.delete(timers).where(eq(timers.name, name)).run();
    }
    return due;
  }

  /** Arms the alarm for what is left. The platform has just consumed the one that fired. */
  rearm(): void {
    this.#armedMs = null;
    this.#arm();
  }

  /** Forgets all: the storage is gone. */
  forget(): void {
    this.#atMs.clear();
    this.#armedMs = null;
    if (this.#settling !== null) clearTimeout(this.#settling);
    this.#settling = null;
  }

  /**
   * The alarm is moved forward at once and back later: each move is a durable write that answers wait for, and starting a
   * session sets and clears several timers. Should the actor be gone by then, the alarm that comes too early finds nothing
   * due and is set again.
   */
  #arm(): void {
    const next = this.#next();
    if (next === this.#armedMs) return;
    if (this.#armedMs !== null && (next === null || next > this.#armedMs)) {
      this.#settling ??= setTimeout(() => this.#settle(), SETTLE_MS);
      return;
    }
    this.#armedMs = next;
    // Not awaited: the output gate holds every answer until the write is durable.
    if (next !== null) void this.#storage.setAlarm(next);
  }

  #settle(): void {
    this.#settling = null;
    const next = this.#next();
    if (this.#armedMs === null || next === this.#armedMs) return;
    this.#armedMs = next;
    if (next === null) void this.#storage.deleteAlarm();
    else void this.#storage.setAlarm(next);
  }

  #next(): number | null {
    return this.#atMs.size === 0 ? null : Math.min(...this.#atMs.values());
  }
}
