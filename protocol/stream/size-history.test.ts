import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MAX_SIZE_CHANGES } from '../limits.ts';
import { type SizeChange, SizeHistory } from './size-history.ts';

const steps = fc.array(fc.record({ gap: fc.nat(5), cols: fc.integer({ min: 1, max: 9 }) }), {
  maxLength: 400,
});

/** The size in force at an offset; null before the first change. */
function at(changes: readonly SizeChange[], offset: number): number | null {
  return changes.findLast((change) => change.offset <= offset)?.cols ?? null;
}

it('gives whoever goes on at an offset it knows the size of every byte from there', () => {
  fc.assert(
    fc.property(steps, fc.nat(2_000), fc.nat(2_000), (walk, asked, dropped) => {
      const history = new SizeHistory();
      const all: SizeChange[] = [];
      let offset = 0;
      for (const { gap, cols } of walk) {
        all.push({ offset: (offset += gap), cols, rows: 1 });
        history.add({ offset, cols, rows: 1 });
      }
      history.dropBefore(dropped);
      const from = Math.max(asked, dropped, history.from);
      const given = history.since(from);
      const copy = new SizeHistory(Infinity);
      copy.learn(from, given);
      expect(given.length).toBeLessThanOrEqual(MAX_SIZE_CHANGES);
      for (let byte = from; byte <= Math.max(from, offset); byte++) {
        expect(at(given, byte)).toBe(at(all, byte));
        expect(at(copy.since(byte), byte)).toBe(at(all, byte));
      }
      if (walk.length <= MAX_SIZE_CHANGES) expect(history.from).toBe(0);
    }),
  );
});
