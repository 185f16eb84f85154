import { withDeadline } from './deadline.ts';

/** How often a cache had an answer. */
export interface CacheCounts {
  hits: number;
  misses: number;
}

/** Whoever waits for somebody else's question asks it again after so long: that request may have died. */
const JOIN_TIMEOUT_MS = 2_000;

/** What was answered, and when it was asked: the answer may be as old as that. */
export interface Answer<V> {
  value: V;
  askedAtMs: number;
}

/** How somebody asks. */
export interface Asking {
  /** An answer older than that is asked for anew; never longer than the cache keeps one. */
  maxAgeMs?: number;
  /** Is given the question, which others may wait for, too. */
  keepAlive?: (asking: Promise<unknown>) => void;
}

/**
 * Answers of actors, kept in this isolate for at most `maxAgeMs`, counted from when they were asked for. At most
 * `maxEntries`, of which the oldest go. Several who miss the same at once ask once. What is forgotten while it is being
 * asked for is not kept.
 */
export class BoundedCache<V> {
  readonly counts: CacheCounts = { hits: 0, misses: 0 };
  readonly #maxEntries: number;
  readonly #maxAgeMs: number;
  readonly #entries = new Map<string, Answer<V>>();
  readonly #asked = new Map<string, Promise<Answer<V>>>();

  constructor(limits: { maxEntries: number; maxAgeMs: number }) {
    this.#maxEntries = limits.maxEntries;
    this.#maxAgeMs = limits.maxAgeMs;
  }

  /** The kept answer; undefined: none, or too old. */
  peek(key: string): V | undefined {
    return this.#kept(key, this.#maxAgeMs)?.value;
  }

  /** The kept answer, or what `ask` comes to. */
  get(key: string, ask: () => Promise<V>, asking: Asking = {}): V | Promise<V> {
    const answer = this.answer(key, ask, asking);
    return answer instanceof Promise ? answer.then(({ value }) => value) : answer.value;
  }

  /** As {@link get}, with the age of the answer. */
  answer(
    key: string,
    ask: () => Promise<V>,
    { maxAgeMs = this.#maxAgeMs, keepAlive }: Asking = {},
  ): Answer<V> | Promise<Answer<V>> {
    const kept = this.#kept(key, maxAgeMs);
    if (kept !== undefined) {
      this.counts.hits += 1;
      return kept;
    }
    this.counts.misses += 1;
    const asked = this.#asked.get(key);
    if (asked !== undefined) return withDeadline(asked, JOIN_TIMEOUT_MS).catch(() => this.#ask(key, ask));
    const asking = this.#ask(key, ask);
    keepAlive?.(asking.catch(() => undefined));
    return asking;
  }

  forget(key: string): void {
    this.#entries.delete(key);
    this.#asked.delete(key);
  }

  /** Forgets everything with such a key. */
  forgetWhere(isSuch: (key: string) => boolean): void {
    for (const keys of [this.#entries.keys(), this.#asked.keys()])
      for (const key of keys) if (isSuch(key)) this.forget(key);
  }

  get size(): number {
    return this.#entries.size;
  }

  #kept(key: string, maxAgeMs: number): Answer<V> | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const ageMs = Date.now() - entry.askedAtMs;
    // A clock set back must not keep an answer for ever.
    if (ageMs < Math.min(maxAgeMs, this.#maxAgeMs) && ageMs >= 0) return entry;
    if (ageMs >= this.#maxAgeMs || ageMs < 0) this.#entries.delete(key);
    return undefined;
  }

  async #ask(key: string, ask: () => Promise<V>): Promise<Answer<V>> {
    const askedAtMs = Date.now();
    const asking = ask().then((value) => ({ value, askedAtMs }));
    this.#asked.set(key, asking);
    try {
      const answer = await asking;
      if (this.#asked.get(key) === asking) this.#keep(key, answer);
      return answer;
    } finally {
      if (this.#asked.get(key) === asking) this.#asked.delete(key);
    }
  }

  #keep(key: string, answer: Answer<V>): void {
    this.#entries.delete(key);
    const oldest = this.#entries.keys().next();
    if (this.#entries.size >= this.#maxEntries && oldest.done !== true) this.#entries.delete(oldest.value);
    this.#entries.set(key, answer);
  }
}
