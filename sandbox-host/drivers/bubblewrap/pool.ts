/** The least and the longest wait after something could not be made; it doubles in between. */
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 60_000;
/** How long after one was taken the next is made: whoever took it is starting a shell just now. */
const REFILL_AFTER_MS = 250;

/** How a pool comes by its items and is rid of them. */
export interface PoolSource<T> {
  /** How many to keep ready; 0: none, ever. */
  size: number;
  make(): Promise<T>;
  /** Ends one that nobody took. May reject; the pool only reports it. */
  discard(item: T): Promise<void>;
  /** Something did not work; the pool tries again in `retryMs`. */
  failed(detail: string, retryMs: number): void;
}

/**
 * Keeps a few things ready that take long to make. Each is taken once and never comes back. They are made one after
 * the other, in the background; when that fails it is tried again later and later.
 */
export class ReadyPool<T> {
  readonly #source: PoolSource<T>;
  #items: T[] = [];
  #making: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #retryMs = RETRY_MIN_MS;
  #open = false;

  constructor(source: PoolSource<T>) {
    this.#source = source;
  }

  /** How many are ready. */
  get ready(): number {
    return this.#items.length;
  }

  /** Starts making. */
  start(): void {
    this.#open = true;
    this.#after(0);
  }

  /** The oldest that suits, or null. Those that do not suit are ended: what is asked for has changed. */
  take(suits: (item: T) => boolean): T | null {
    const unsuitable = this.#items.filter((item) => !suits(item));
    const [taken = null, ...rest] = this.#items.filter(suits);
    this.#items = rest;
    for (const item of unsuitable) void this.#discard(item);
    this.#after(REFILL_AFTER_MS);
    return taken;
  }

  /** One died while it waited; another is made. Unknown ones were taken before. */
  lost(item: T): void {
    if (!this.#items.includes(item)) return;
    this.#items = this.#items.filter((other) => other !== item);
    void this.#discard(item);
    this.#after(REFILL_AFTER_MS);
  }

  /** Makes no more and ends those that wait. Settles when none is left. */
  async close(): Promise<void> {
    this.#open = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#making;
    await Promise.all(this.#items.splice(0).map((item) => this.#discard(item)));
  }

  #after(delayMs: number): void {
    if (!this.#open || this.#timer !== null || this.#making !== null) return;
    if (this.#items.length >= this.#source.size) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#making = this.#makeOne();
    }, delayMs).unref();
  }

  async #makeOne(): Promise<void> {
    let waitMs = 0;
    try {
      const item = await this.#source.make();
      this.#items.push(item);
      this.#retryMs = RETRY_MIN_MS;
    } catch (error) {
      waitMs = this.#retryMs;
      this.#retryMs = Math.min(RETRY_MAX_MS, this.#retryMs * 2);
      this.#source.failed(error instanceof Error ? error.message : String(error), waitMs);
    }
    this.#making = null;
    this.#after(waitMs);
  }

  async #discard(item: T): Promise<void> {
    try {
      await this.#source.discard(item);
    } catch (error) {
      this.#source.failed(error instanceof Error ? error.message : String(error), this.#retryMs);
    }
  }
}
