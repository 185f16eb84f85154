import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeFrame,
  decodeOffset,
  encodeFrame,
  encodeOffset,
  FrameKind,
  MAX_FRAME_BYTES,
  MAX_PAYLOAD_BYTES,
  stampStream,
} from './frame.ts';

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const offset = fc.maxSafeNat();

describe('frames', () => {
  test('come back as they were sent', () => {
    const payload = fc.uint8Array({ minLength: 1, maxLength: 300 });
    const kind = fc.constantFrom(FrameKind.Output, FrameKind.Input);
    fc.assert(
      fc.property(kind, u32, u32, fc.nat(2 ** 40), payload, (frameKind, channel, stream, at, bytes) => {
        const result = decodeFrame(
          encodeFrame({ kind: frameKind, channel, stream, offset: at, payload: bytes }),
        );
        expect(result).toEqual({
          ok: true,
          frame: { kind: frameKind, flags: 0, channel, stream, offset: at, payload: bytes },
        });
      }),
    );
  });

  test('arbitrary bytes never throw, and what is accepted encodes to the same bytes', () => {
    const header = fc.tuple(fc.integer({ min: 0, max: 8 }), fc.uint8Array({ maxLength: 60 }));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), header), (value) => {
        const bytes = value instanceof Uint8Array ? value : Uint8Array.from([value[0], 0, 0, 0, ...value[1]]);
        const result = decodeFrame(bytes);
        if (result.ok) expect(encodeFrame(result.frame)).toEqual(bytes);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['too short', new Uint8Array(19), 'frame-too-short'],
    ['too large', new Uint8Array(MAX_FRAME_BYTES + 1), 'frame-too-large'],
    ['of no known kind', Uint8Array.from([9, ...new Uint8Array(19)]), 'frame-kind-unknown'],
    ['with flags that mean nothing', Uint8Array.from([1, 1, ...new Uint8Array(18)]), 'frame-flags-invalid'],
    ['with reserved bits', Uint8Array.from([1, 0, 0, 1, ...new Uint8Array(17)]), 'frame-reserved-not-zero'],
    [
      'at no safe offset',
      Uint8Array.from([3, ...new Uint8Array(11), 255, ...new Uint8Array(7)]),
      'frame-offset-unsafe',
    ],
    ['of output without bytes', Uint8Array.from([1, ...new Uint8Array(19)]), 'frame-payload-invalid'],
  ])('%s are refused', (_name, bytes, error) => {
    expect(decodeFrame(bytes)).toEqual({ ok: false, error });
  });

  test('a sender cannot make one that would be refused', () => {
    const make = (at: number, length: number) => () =>
      encodeFrame({ kind: FrameKind.Output, channel: 1, offset: at, payload: new Uint8Array(length) });
    expect(make(0, MAX_PAYLOAD_BYTES + 1)).toThrow(RangeError);
    expect(make(-1, 1)).toThrow(RangeError);
    expect(make(2 ** 53, 1)).toThrow(RangeError);
  });

  test('an actor stamps the stream without copying', () => {
    const bytes = encodeFrame({ kind: FrameKind.Input, channel: 3, offset: 9, payload: Uint8Array.of(65) });
    stampStream(bytes, 77);
    expect(decodeFrame(bytes)).toMatchObject({ ok: true, frame: { stream: 77, channel: 3, offset: 9 } });
  });
});

test('offsets survive their eight bytes', () => {
  fc.assert(
    fc.property(offset, (value) => {
      expect(decodeOffset(encodeOffset(value))).toBe(value);
    }),
  );
  expect(decodeOffset(new Uint8Array(7))).toBeNull();
  expect(decodeOffset(new Uint8Array(8).fill(255))).toBeNull();
});
