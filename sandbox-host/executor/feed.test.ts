import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { FeedLink } from '../host/feed-link.ts';
import type { SessionNews } from '../shared/session-news.ts';
import { Actor, address, CHANNEL, closeExecutor, openExecutor } from './testing/executor.ts';

const followers = new Set<Follower>();

beforeAll(openExecutor);
afterEach(() => {
  for (const follower of followers) follower.stop();
});
afterAll(closeExecutor);

/** Follows the executor's feed as a host does, and takes down what it says of one session. */
class Follower {
  readonly news: SessionNews[] = [];
  readonly #link: FeedLink;
  #complete = false;
  #wake: () => void = () => undefined;

  constructor(sessionId: string) {
    this.#link = new FeedLink(address, {
      started: () => undefined,
      news: (news) => {
        if (news.sessionId === sessionId) this.news.push(news);
        this.#wake();
      },
      complete: () => {
        this.#complete = true;
        this.#wake();
      },
    });
    void this.#link.run();
    followers.add(this);
  }

  async until(done: (latest: SessionNews | undefined) => boolean): Promise<void> {
    while (!done(this.news.at(-1))) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /** Waits until the sessions there were at the start have come. */
  async begun(): Promise<this> {
    await this.until(() => this.#complete);
    return this;
  }

  stop(): void {
    this.#link.stop();
  }
}

test('hosts that follow the feed learn of output that has no link to go on, and of the end of a sandbox', async () => {
  const sessionId = 't'.repeat(22);
  const actor = await new Actor(sessionId, 1).open();
  await actor.run(sessionId, 'while sleep 0.05; do echo tick; done');
  await actor.until(() => actor.output.includes('tick'));
  const early = await new Follower(sessionId).begun();
  expect(early.news).toEqual([]);

  actor.socket.close();
  await early.until((latest) => latest?.wants === true);
  const kept = { sessionId, epoch: 1, kept: true };
  expect(early.news).toEqual([
    { ...kept, wants: false },
    { ...kept, wants: true },
  ]);
  const late = await new Follower(sessionId).begun();
  expect(late.news).toEqual([{ ...kept, wants: true }]);

  const again = await new Actor(sessionId, 2).open();
  again.send({ type: 'replay', channel: CHANNEL, offset: actor.output.length });
  await again.until(() => again.output.includes('tick'));
  expect((await new Follower(sessionId).begun()).news).toEqual([]);
  again.send({ type: 'sandbox.destroy' });
  await again.heard('sandbox.stopped');
  again.socket.close();
  await early.until((latest) => latest?.kept === false);
  expect(early.news.at(-1)).toEqual({ sessionId, epoch: 2, kept: false, wants: false });
  expect(early.news).toHaveLength(3);
});
