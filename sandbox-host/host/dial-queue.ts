/** Links being dialled at once: when the edge comes back, every session of the host wants one. */
const MAX_DIALLING = 64;
/** Placements that wait for their turn. More would be given up by their actors before it comes. */
const MAX_WAITING = 2_000;

/** Begins dials in the order in which they were asked for, a bounded number at once. */
export class DialQueue {
  #dialling = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #maxDialling: number;
  readonly #maxWaiting: number;

  constructor(limits: { maxDialling?: number; maxWaiting?: number } = {}) {
    this.#maxDialling = limits.maxDialling ?? MAX_DIALLING;
    this.#maxWaiting = limits.maxWaiting ?? MAX_WAITING;
  }

  /** `dial` begins, now or later; it calls `settled` once, when it stands or has failed. False: too many wait. */
  add(dial: (settled: () => void) => void): boolean {
    if (this.#dialling < this.#maxDialling) this.#begin(dial);
    else if (this.#waiting.length < this.#maxWaiting) this.#waiting.push(() => this.#begin(dial));
    else return false;
    return true;
  }

  #begin(dial: (settled: () => void) => void): void {
    this.#dialling += 1;
    let settled = false;
    dial(() => {
      if (settled) return;
      settled = true;
      this.#dialling -= 1;
      this.#waiting.shift()?.();
    });
  }
}
