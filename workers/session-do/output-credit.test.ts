import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ACK_EVERY_BYTES } from '../../protocol/limits.ts';
import { OutputCredit } from '../../protocol/stream/credit.ts';
import { decodeFrame } from '../../protocol/stream/frame.ts';
import { MAX_WINDOW_BYTES, MIN_WINDOW_BYTES } from '../../protocol/stream/viewer-window.ts';
import { OutputSource } from './output-source.ts';
import { creditOf, newCursor } from './viewer-cursor.ts';

/** A producer with its credit, and a viewer that has consumed `shares` of what there was whenever it was paused. */
function play(
  windowBytes: number,
  shares: readonly number[],
): { paused: boolean; messages: number; end: number } {
  const producer = new OutputCredit();
  let messages = 0;
  const source = new OutputSource(1, {
    send: () => undefined,
    sendFrame: (bytes) => {
      messages += 1;
      const decoded = decodeFrame(new Uint8Array(bytes));
      if (decoded.ok) producer.ack(decoded.frame.offset, 0);
    },
  });
  source.born();
  const cursor = {
    ...newCursor(1, 0),
    window: { bytes: windowBytes } as ReturnType<typeof newCursor>['window'],
  };
  let end = 0;
  const consume = (upTo: number): void => {
    for (let at = cursor.acked; at < upTo;) {
      at = Math.min(upTo, at + ACK_EVERY_BYTES);
      cursor.acked = at;
      source.ack(creditOf([{ cursor }], end));
    }
  };
  for (const share of shares) {
    while (!producer.paused) {
      end += 4096;
      source.produced(end);
      producer.produce(end, 0);
    }
    consume(Math.floor(cursor.acked + (end - cursor.acked) * share));
  }
  consume(end);
  return { paused: producer.paused, messages, end };
}

it('never leaves a producer waiting once all of its output was consumed', () => {
  const windows = fc.integer({ min: MIN_WINDOW_BYTES, max: MAX_WINDOW_BYTES });
  fc.assert(
    fc.property(
      windows,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }),
      (bytes, shares) => {
        expect(play(bytes, shares).paused).toBe(false);
      },
    ),
  );
});

it('tells the producer less often than viewers tell', () => {
  const { messages, end } = play(
    MAX_WINDOW_BYTES,
    Array.from({ length: 50 }, () => 0.9),
  );
  expect(messages).toBeLessThan(end / ACK_EVERY_BYTES / 1.2);
});
