import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Backoff } from '../../protocol/stream/backoff.ts';
import { NewsComplete, SessionNews } from '../shared/session-news.ts';
import { type ExecutorAddress, followExecutor } from './executor-client.ts';

/** What the owner of a feed link provides. */
export interface FeedHandlers {
  /** It is followed from now on; the sessions there are come first. */
  started(): void;
  news(news: SessionNews): void;
  /** Those there were at the start have come. */
  complete(): void;
}

/** Follows the executor's feed of sessions without a link, kept up with backoff until it is stopped. */
export class FeedLink {
  readonly #address: ExecutorAddress;
  readonly #handlers: FeedHandlers;
  readonly #stopping = new AbortController();

  constructor(address: ExecutorAddress, handlers: FeedHandlers) {
    this.#address = address;
    this.#handlers = handlers;
  }

  /** Connects, and again whenever the connection ends: the executor may start later, or again. */
  async run(): Promise<void> {
    const { signal } = this.#stopping;
    const backoff = new Backoff(Math.random);
    while (!signal.aborted) {
      try {
        await delay(backoff.next(), undefined, { signal });
        const answer = await followExecutor(this.#address, signal);
        backoff.reset();
        this.#handlers.started();
        for await (const line of createInterface({ input: answer })) this.#line(JSON.parse(line));
      } catch {
        // It is down, or this host stops; heartbeats say the former.
      }
    }
  }

  stop(): void {
    this.#stopping.abort();
  }

  #line(value: unknown): void {
    const news = SessionNews.safeParse(value);
    if (news.success) this.#handlers.news(news.data);
    else if (NewsComplete.safeParse(value).success) this.#handlers.complete();
  }
}
