/** Memory all screens of one executor may take together; those used longest ago are written down first. */
export const MAX_SCREENS_BYTES = 64 * 1024 * 1024;
/** A screen not used for so long is written down and given up. */
const IDLE_AFTER_MS = 10_000;

/** A screen as the pool sees it. */
export interface Parkable {
  /** Memory it takes now. */
  readonly liveBytes: number;
  /** Gives the memory back; false when it cannot just now. */
  park(): boolean;
}

/** Bounds the memory of screens: keeps those used last, parks the others. */
export class ScreenPool {
  readonly #maxBytes: number;
  readonly #idleAfterMs: number;
  /** Screens that take memory and when each was used last, longest ago first. */
  readonly #usedAtMs = new Map<Parkable, number>();
  #timer: NodeJS.Timeout | null = null;

  constructor({ maxBytes = MAX_SCREENS_BYTES, idleAfterMs = IDLE_AFTER_MS } = {}) {
    this.#maxBytes = maxBytes;
    this.#idleAfterMs = idleAfterMs;
  }

  /** Memory of all screens now, about. */
  get liveBytes(): number {
    let sum = 0;
    for (const screen of this.#usedAtMs.keys()) sum += screen.liveBytes;
    return sum;
  }

  /** A screen was used and is at rest. */
  used(screen: Parkable): void {
    this.#usedAtMs.delete(screen);
    this.#usedAtMs.set(screen, performance.now());
    let excess = this.liveBytes - this.#maxBytes;
    for (const other of this.#usedAtMs.keys()) {
      if (excess <= 0) break;
      const { liveBytes } = other;
      if (!other.park()) continue;
      excess -= liveBytes;
      this.#usedAtMs.delete(other);
    }
    this.#watch();
  }

  /** A screen is gone. */
  forget(screen: Parkable): void {
    this.#usedAtMs.delete(screen);
  }

  #watch(): void {
    const [oldestMs] = this.#usedAtMs.values();
    if (this.#timer !== null || oldestMs === undefined) return;
    const waitMs = Math.max(0, oldestMs + this.#idleAfterMs - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#parkIdle();
      this.#watch();
    }, waitMs).unref();
  }

  #parkIdle(): void {
    const nowMs = performance.now();
    for (const [screen, usedMs] of this.#usedAtMs) {
      if (nowMs < usedMs + this.#idleAfterMs) return;
      if (screen.park()) this.#usedAtMs.delete(screen);
      // Busy: it will be used again, and counted from then.
      else this.#usedAtMs.set(screen, nowMs);
    }
  }
}
