/**
 * Who may come in on a workerd of one's own, and when the others are to come again. Pure; ./capacity.ts feeds it.
 *
 * Two things are short. Descriptors: a process that runs out of them cannot open an actor's database any more, and ends.
 * And the one thread: what waits too long for it is given up by its client, and the work was for nothing. It serves
 * requests on connections that are open before it takes new ones, so a crowd's tickets would keep out the sockets they are
 * for. So when all come back at once, after the edge was away, only so many have a ticket and are not in yet, and each of
 * the others is told a time of its own to come again, one after the other, as fast as people are being let in.
 */

/** What somebody comes for. A ticket is drawn before the socket: with it one is in. */
export type Purpose = 'session' | 'ticket' | 'socket' | 'host';

export interface Load {
  descriptors: number;
  maxDescriptors: number;
}

export type Verdict = { admitted: true } | { admitted: false; retryAfterMs: number };

/** What one newcomer may take until it shows in a reading: a request, a socket, and the awake actor's database. */
const NEWCOMER_DESCRIPTORS = 7;
/** Of these, what it gives back when its session was quiet for {@link TRANSIENT_MS}: all but the socket. */
const TRANSIENT_DESCRIPTORS = 5;
export const TRANSIENT_MS = 10_000;
/** Share of the descriptors that sessions and viewers may hold for good. */
const SETTLED_SHARE = 0.75;
/**
 * What is kept free of them at any time, as a share and at least: for actors that wake; and, of that, from sockets of
 * those who are in already and from the hosts that serve them.
 */
const FREE = { share: 1 / 8, atLeast: 60 } as const;
const FREE_FOR_ACTORS = { share: 1 / 16, atLeast: 25 } as const;
/**
 * Tickets of the last seconds whose sockets have not come yet; and beyond them for those who drew none before, so that
 * nobody who draws tickets for nothing keeps others out.
 */
export const MAX_PENDING = 128;
export const MAX_PENDING_OF_NEW = 256;
/** How fast people are let in is measured over so long, taken for a little more, and for at least so many a second. */
const RATE_OVER_MS = 4_000;
const OPTIMISM = 1.2;
const MIN_PER_S = { crowd: 150, full: 20 } as const;
/** Shortest and longest wait that is asked for. */
export const MIN_RETRY_MS = 1_000;
export const MAX_RETRY_MS = 15_000;

/** Admission to one edge process. Times are milliseconds since the epoch. */
export class Admission {
  readonly #random: () => number;
  readonly #tickets = new RecentCount(TRANSIENT_MS);
  readonly #sockets = new RecentCount(TRANSIENT_MS);
  readonly #rate = new RecentCount(RATE_OVER_MS);
  /** Who drew a ticket within the last {@link TRANSIENT_MS}, and when last; oldest first. */
  readonly #drew = new Map<string, number>();
  #load: Load | null = null;
  #sinceReading = 0;
  /** The last time given to somebody to come again. */
  #lastSlotMs = 0;

  /** `random` answers in [0, 1), like Math.random. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** What is open now. What came in since the reading before is in it. */
  read(load: Load): void {
    this.#load = load;
    this.#sinceReading = 0;
  }

  /** Decides; whoever is admitted counts. `userId`: who draws a ticket. */
  ask(purpose: Purpose, nowMs: number, userId = ''): Verdict {
    const isIn = purpose === 'socket' || purpose === 'host';
    if (purpose === 'ticket' && this.#isCrowded(nowMs, userId)) {
      const perS = (OPTIMISM * this.#rate.at(nowMs)) / (RATE_OVER_MS / 1000);
      return this.#refuse(nowMs, Math.max(MIN_PER_S.crowd, perS));
    }
    if (!this.#fits(isIn, nowMs)) {
      // What those of the last seconds give back is what others can take.
      const backPerS = (this.#tickets.at(nowMs) * TRANSIENT_DESCRIPTORS) / (TRANSIENT_MS / 1000);
      return this.#refuse(nowMs, Math.max(MIN_PER_S.full, backPerS / NEWCOMER_DESCRIPTORS));
    }
    this.#sinceReading += 1;
    if (purpose === 'ticket') {
      this.#tickets.add(nowMs);
      this.#drew.delete(userId);
      this.#drew.set(userId, nowMs);
    } else if (purpose === 'socket') {
      this.#sockets.add(nowMs);
      this.#rate.add(nowMs);
    }
    return { admitted: true };
  }

  #isCrowded(nowMs: number, userId: string): boolean {
    for (const [who, drewAtMs] of this.#drew) {
      if (Math.abs(nowMs - drewAtMs) < TRANSIENT_MS) break;
      this.#drew.delete(who);
    }
    const pending = this.#tickets.at(nowMs) - this.#sockets.at(nowMs);
    return pending >= (this.#drew.has(userId) ? MAX_PENDING : MAX_PENDING_OF_NEW);
  }

  #fits(isIn: boolean, nowMs: number): boolean {
    if (this.#load === null) return true;
    const { descriptors, maxDescriptors } = this.#load;
    const after = descriptors + (this.#sinceReading + 1) * NEWCOMER_DESCRIPTORS;
    const free = isIn ? FREE_FOR_ACTORS : FREE;
    if (after > maxDescriptors - Math.max(free.share * maxDescriptors, free.atLeast)) return false;
    const settled = after - this.#tickets.at(nowMs) * TRANSIENT_DESCRIPTORS;
    return isIn || settled <= SETTLED_SHARE * maxDescriptors;
  }

  /** The next free time; those for whom there is none soon enough come anywhen, and ask again. */
  #refuse(nowMs: number, perS: number): Verdict {
    const slotMs = Math.max(this.#lastSlotMs, nowMs + MIN_RETRY_MS) + 1000 / perS;
    if (slotMs - nowMs > MAX_RETRY_MS) {
      const spreadMs = this.#random() * (MAX_RETRY_MS - MIN_RETRY_MS);
      return { admitted: false, retryAfterMs: MIN_RETRY_MS + spreadMs };
    }
    this.#lastSlotMs = slotMs;
    return { admitted: false, retryAfterMs: slotMs - nowMs };
  }
}

/** How many there were within the last so many milliseconds, to a tenth of that. */
class RecentCount {
  static readonly #PARTS = 10;
  readonly #partMs: number;
  readonly #parts = new Map<number, number>();

  constructor(overMs: number) {
    this.#partMs = overMs / RecentCount.#PARTS;
  }

  add(nowMs: number): void {
    const part = Math.floor(nowMs / this.#partMs);
    this.#parts.set(part, (this.#parts.get(part) ?? 0) + 1);
  }

  at(nowMs: number): number {
    const now = Math.floor(nowMs / this.#partMs);
    let sum = 0;
    for (const [part, count] of this.#parts) {
      // Also of a time that is far from come: the clock was set back.
      if (Math.abs(now - part) >= RecentCount.#PARTS) this.#parts.delete(part);
      else sum += count;
    }
    return sum;
  }
}
