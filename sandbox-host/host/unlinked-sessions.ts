import { MAX_SESSIONS_PER_MESSAGE } from '../../protocol/limits.ts';
import type { HostToRegion } from '../../protocol/messages/host.ts';
import type { SessionNews } from '../shared/session-news.ts';

type SessionWants = Extract<HostToRegion, { type: 'session.wants' }>['sessions'];

/** Times a wish is told to the region before it is left to whoever comes to the session. */
const MAX_TELLINGS = 4;
/** A wish told and not answered by a placement is told again after so long. */
const TELL_AGAIN_MS = 4_000;

/**
 * The sessions whose sandboxes the executor holds and that have no link now: they take up room on this host, and those
 * with something to say want a link. A wish is told again until a placement came, because nobody confirms it.
 */
export class UnlinkedSessions {
  readonly #held = new Set<string>();
  /** Of those, the ones not named since the executor is followed anew. */
  #unnamed = new Set<string>();
  readonly #wishes = new Map<string, { epoch: number; tellings: number; toldAtMs: number }>();

  /** How many sandboxes are held without a link. */
  get count(): number {
    return this.#held.size;
  }

  has(sessionId: string): boolean {
    return this.#held.has(sessionId);
  }

  /** It has a link, or is gone. */
  drop(sessionId: string): void {
    this.#held.delete(sessionId);
    this.#wishes.delete(sessionId);
  }

  /** The executor is followed anew: it names all it has. */
  restart(): void {
    this.#unnamed = new Set(this.#held);
  }

  /** It has named all. Out: whether some are gone without a word, as when it was restarted. */
  complete(): boolean {
    const gone = [...this.#unnamed].filter((sessionId) => this.#held.has(sessionId));
    for (const sessionId of gone) this.drop(sessionId);
    this.#unnamed.clear();
    return gone.length > 0;
  }

  /** How a session without a link stands. */
  take({ sessionId, epoch, kept, wants }: SessionNews): void {
    this.drop(sessionId);
    this.#unnamed.delete(sessionId);
    if (kept) this.#held.add(sessionId);
    if (wants) this.#wishes.set(sessionId, { epoch, tellings: 0, toldAtMs: -Infinity });
  }

  /** Nothing was told yet on the present connection to the region. */
  afresh(): void {
    for (const wish of this.#wishes.values()) Object.assign(wish, { tellings: 0, toldAtMs: -Infinity });
  }

  /** The wishes to be told now, as message-sized pages; they count as told. */
  due(nowMs: number): SessionWants[] {
    const all: SessionWants = [];
    for (const [sessionId, wish] of this.#wishes) {
      if (nowMs - wish.toldAtMs < TELL_AGAIN_MS) continue;
      wish.tellings += 1;
      wish.toldAtMs = nowMs;
      if (wish.tellings > MAX_TELLINGS) this.#wishes.delete(sessionId);
      else all.push({ sessionId, epoch: wish.epoch });
    }
    const pages: SessionWants[] = [];
    for (let at = 0; at < all.length; at += MAX_SESSIONS_PER_MESSAGE)
      pages.push(all.slice(at, at + MAX_SESSIONS_PER_MESSAGE));
    return pages;
  }
}
