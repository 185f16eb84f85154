import type { InputSender, SavedInput } from '../protocol/stream/input-sender.ts';

/** So little is kept with every keystroke; more (a paste) at most every {@link KEEP_EVERY_MS}. */
export const KEPT_AT_ONCE_BYTES = 4 * 1024;
/** Bytes kept of one terminal's input; what is typed beyond them does not outlive the page. */
export const MAX_KEPT_BYTES = 256 * 1024;
export const KEEP_EVERY_MS = 100;

/**
 * Where typed bytes that were not applied yet outlive the client: a tab's storage, a file. Written as they are typed, so
 * that a crash, which says no goodbye, loses none; what is read back too old does no harm, since every byte has its offset.
 */
export interface InputStore {
  /** What was kept for a terminal; anything else than that counts as nothing. */
  load(channel: number): unknown;
  /** Null: the terminal has ended, or its input is to be forgotten. Must not throw. */
  save(channel: number, saved: SavedInput | null): void;
}

/**
 * Keeps one terminal's pending input in a store: at once while it is little, rarely when it is much. Where the stream stands
 * is kept when nothing is pending as well: a client that starts again and is typed into before it is connected numbers
 * those bytes rightly, and can be started again before they were sent.
 */
export class InputKeeper {
  readonly #store: InputStore;
  readonly #channel: number;
  #input: InputSender;
  #keptOffset: number | null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** Takes up what an earlier life of the client left. */
  constructor(store: InputStore, channel: number, input: InputSender, saved: SavedInput | null) {
    this.#store = store;
    this.#channel = channel;
    this.#input = input;
    this.#keptOffset = saved !== null && input.restore(saved) ? saved.offset : null;
  }

  /** Bytes were typed. */
  typed(): void {
    if (this.#input.pendingBytes <= KEPT_AT_ONCE_BYTES) this.flush();
    else this.#later();
  }

  /** Bytes were applied. What is kept may stay a little longer than it is needed. */
  applied(): void {
    if (this.#input.acked !== this.#keptOffset) this.#later();
  }

  /** Keeps what is pending now: the page may go any moment. */
  flush(): void {
    this.stop();
    if (this.#input.pendingBytes === 0 && this.#input.acked === (this.#keptOffset ?? 0)) return;
    this.#store.save(this.#channel, this.#input.save(MAX_KEPT_BYTES));
    this.#keptOffset = this.#input.acked;
  }

  /** Another sender takes the place of one whose bytes were dropped. */
  replace(input: InputSender): void {
    this.#input = input;
    this.forget();
  }

  /** What was kept is of no more use. */
  forget(): void {
    this.stop();
    if (this.#keptOffset !== null) this.#store.save(this.#channel, null);
    this.#keptOffset = null;
  }

  /** Keeps nothing more; what is kept stays. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #later(): void {
    this.#timer ??= setTimeout(() => this.flush(), KEEP_EVERY_MS);
  }
}
