import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InputReceiver } from './input-receiver.ts';

test('each byte is applied once and in order under any drops, duplicates, reorderings and resends', () => {
  const arrival = fc.record({ from: fc.nat(199), length: fc.integer({ min: 1, max: 50 }) });
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 60 }), (arrivals) => {
      const sent = Uint8Array.from({ length: 200 }, (_value, at) => at);
      const receiver = new InputReceiver();
      const applied: number[] = [];
      const deliver = (from: number, length: number): void => {
        const decision = receiver.accept(1, from, sent.subarray(from, from + length));
        if (decision.kind === 'apply') applied.push(...decision.bytes);
        expect(receiver.applied(1)).toBe(applied.length);
      };
      for (const { from, length } of arrivals) deliver(from, length);
      // The sender goes on from what was applied, as InputResume says; then everything is there, once.
      deliver(receiver.applied(1), 200);
      expect(applied).toEqual([...sent]);
    }),
  );
});

test('streams do not mix, and one too many is refused rather than another forgotten', () => {
  const receiver = new InputReceiver(2);
  expect(receiver.accept(1, 0, Uint8Array.of(1)).kind).toBe('apply');
  expect(receiver.accept(2, 0, Uint8Array.of(1)).kind).toBe('apply');
  expect(receiver.accept(3, 0, Uint8Array.of(1)).kind).toBe('refused');
  expect(receiver.accept(1, 0, Uint8Array.of(1)).kind).toBe('duplicate');
});

test('a gap is signalled once per sending round', () => {
  const receiver = new InputReceiver();
  expect(receiver.accept(1, 5, Uint8Array.of(1))).toEqual({ kind: 'gap', applied: 0, signal: true });
  expect(receiver.accept(1, 6, Uint8Array.of(1))).toMatchObject({ signal: false });
  expect(receiver.accept(1, 5, Uint8Array.of(1))).toMatchObject({ signal: true });
});
