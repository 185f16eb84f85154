import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteRing } from './ring.ts';

test('a ring holds exactly the newest bytes of the stream, whatever was appended and discarded', () => {
  const step = fc.oneof(fc.uint8Array({ maxLength: 9_000 }), fc.nat(20_000));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.array(step, { maxLength: 30 }), (maxBytes, steps) => {
      const ring = new ByteRing(maxBytes);
      let all = Buffer.alloc(0);
      for (const each of steps) {
        if (typeof each === 'number') {
          ring.discardBefore(each);
        } else {
          ring.append(each);
          all = Buffer.concat([all, each]);
        }
        expect(ring.end).toBe(all.length);
        expect(ring.length).toBeLessThanOrEqual(maxBytes);
        const held = ring.read(ring.start, ring.length);
        expect(Buffer.from(held ?? [])).toEqual(all.subarray(ring.start));
      }
      expect(ring.read(ring.end + 1, 1)).toBeNull();
      if (ring.start > 0) expect(ring.read(ring.start - 1, 1)).toBeNull();
    }),
    { numRuns: 60 },
  );
});
