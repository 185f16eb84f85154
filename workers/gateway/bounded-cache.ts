import { withDeadline } from '../shared/deadline.ts';

/** How often a cache had an answer. */
export interface CacheCounts {
  hits: number;
  misses: number;
}

/** Whoever waits for somebody else's question asks it again after so long: that request may have died. */
const JOIN_TIMEOUT_MS = 2_000;

interface Entry<V> {
  value: V;
  /** When the question was asked; the answer may be as old as that. */
  askedAtMs: number;
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
  readonly #entries = new Map<string, Entry<V>>();
  readonly #asked = new Map<string, Promise<V>>();

  constructor(limits: { maxEntries: number; maxAgeMs: number }) {
    this.#maxEntries = limits.maxEntries;
    this.#maxAgeMs = limits.maxAgeMs;
  }

  /** The kept answer; undefined: none, or too old. */
  peek(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const ageMs = Date.now() - entry.askedAtMs;
    // A clock set back must not keep an answer for ever.
    if (ageMs < this.#maxAgeMs && ageMs >= 0) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  /** The kept answer, or what `ask` comes to. `keepAlive` is given the question, which others may wait for, too. */
  get(
    key: string,
    ask: () => Promise<V>,
    keepAlive: (asking: Promise<unknown>) => void = () => undefined,
  ): V | Promise<V> {
    const kept = this.peek(key);
    if (kept !== undefined) {
      this.counts.hits += 1;
      return kept;
    }
    this.counts.misses += 1;
    const asked = this.#asked.get(key);
    if (asked !== undefined) return withDeadline(asked, JOIN_TIMEOUT_MS).catch(ask);
    const asking = this.#ask(key, ask);
    keepAlive(asking.catch(() => undefined));
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

  async #ask(key: string, ask: () => Promise<V>): Promise<V> {
    const askedAtMs = Date.now();
    const asking = ask();
    this.#asked.set(key, asking);
    try {
      const value = await asking;
      if (this.#asked.get(key) === asking) this.#keep(key, { value, askedAtMs });
      return value;
    } finally {
      if (this.#asked.get(key) === asking) this.#asked.delete(key);
    }
  }

  #keep(key: string, entry: Entry<V>): void {
    this.#entries.delete(key);
    const oldest = this.#entries.keys().next();
    if (this.#entries.size >= this.#maxEntries && oldest.done !== true) this.#entries.delete(oldest.value);
    this.#entries.set(key, entry);
  }
}
