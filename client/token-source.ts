/** Where access tokens come from. They live ten minutes, so whoever stays longer has to get others. */
export interface TokenSource {
  /** The token to send; null: the browser's cookie says who asks. */
  readonly token: string | null;
  /**
   * Gets another after the API did not take the one there is. False: somebody has to sign in again. Rejects when that
   * cannot be known, because nobody answers.
   */
  renew(): Promise<boolean>;
}

/** One token and no other; null: none. */
export function fixedToken(token: string | null): TokenSource {
  return { token, renew: () => Promise.resolve(false) };
}

/**
 * Runs one renewal at a time for all requests that find their token refused. A request that was sent before another's
 * renewal ended is content with that one.
 */
export class SharedRenewal {
  readonly #source: TokenSource;
  #count = 0;
  #running: Promise<boolean> | null = null;

  constructor(source: TokenSource) {
    this.#source = source;
  }

  /** To be kept by a request when it is sent, for {@link after}. */
  get count(): number {
    return this.#count;
  }

  /** Whether a request sent at `count` may be sent again with another token. */
  after(count: number): Promise<boolean> {
    if (count !== this.#count) return Promise.resolve(true);
    this.#running ??= this.#renew().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #renew(): Promise<boolean> {
    const renewed = await this.#source.renew();
    if (renewed) this.#count += 1;
    return renewed;
  }
}
