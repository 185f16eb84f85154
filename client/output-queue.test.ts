import { describe, expect, it } from 'vitest';
import { SessionError } from './errors.ts';
import { OutputQueue } from './output-queue.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (chunk: IteratorResult<Uint8Array, undefined>): string | undefined =>
  chunk.done === true ? undefined : new TextDecoder().decode(chunk.value);

/** A queue and what of it counts as consumed. */
function queueOf(...chunks: string[]): { queue: OutputQueue; consumed: string[] } {
  const queue = new OutputQueue();
  const consumed: string[] = [];
  for (const chunk of chunks) queue.push(bytes(chunk), () => consumed.push(chunk));
  return { queue, consumed };
}

describe('output for a program', () => {
  it('counts as consumed when the next is asked for, not before', async () => {
    const { queue, consumed } = queueOf('a', 'b');
    expect([text(await queue.next()), consumed.length]).toEqual(['a', 0]);
    expect([text(await queue.next()), consumed]).toEqual(['b', ['a']]);
    queue.end(null);
    expect((await queue.next()).done).toBe(true);
    expect(consumed).toEqual(['a', 'b']);
  });

  it('is waited for, by one reader at a time', async () => {
    const { queue } = queueOf();
    const first = queue.next();
    await expect(queue.next()).rejects.toThrow('One reader');
    queue.push(bytes('late'), () => undefined);
    expect(text(await first)).toBe('late');
  });

  it('is kept although what it came in is used again', async () => {
    const { queue } = queueOf();
    const lent = bytes('mine');
    queue.push(lent, () => undefined);
    lent.fill(0);
    expect(text(await queue.next())).toBe('mine');
  });

  it('is passed over by a screen that stands for it, behind a reset', async () => {
    const { queue, consumed } = queueOf('old', 'older');
    queue.restart(bytes('screen'), () => consumed.push('screen'));
    expect(consumed).toEqual(['old', 'older']);
    expect([text(await queue.next()), text(await queue.next())]).toEqual(['\x1bc', 'screen']);
  });

  it('that nobody reads holds nothing up: ignored, or the loop was left', async () => {
    const { queue, consumed } = queueOf('a');
    for await (const chunk of queue) {
      expect(chunk).toHaveLength(1);
      break;
    }
    queue.push(bytes('b'), () => consumed.push('b'));
    expect(consumed).toEqual(['a', 'b']);
  });

  it('ends with the error there was, after what had come', async () => {
    const { queue } = queueOf('last');
    queue.end(new SessionError('ended', 'gone'));
    expect(text(await queue.next())).toBe('last');
    await expect(queue.next()).rejects.toMatchObject({ code: 'ended' });
  });
});
