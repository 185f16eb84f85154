import { expect, test } from 'vitest';
import { DialQueue } from './dial-queue.ts';

test('a few dials run at once, the others follow in order, and too many are refused', () => {
  const queue = new DialQueue({ maxDialling: 2, maxWaiting: 2 });
  const begun: number[] = [];
  const settle: (() => void)[] = [];
  const taken = [0, 1, 2, 3, 4].map((n) =>
    queue.add((settled) => {
      begun.push(n);
      settle.push(settled);
    }),
  );
  expect(taken).toEqual([true, true, true, true, false]);
  expect(begun).toEqual([0, 1]);
  settle[1]?.();
  settle[1]?.();
  expect(begun).toEqual([0, 1, 2]);
  settle[0]?.();
  settle[2]?.();
  expect(begun).toEqual([0, 1, 2, 3]);
});
