import { expect, test } from 'vitest';
import { ByteStream } from './streams.ts';
import { classify, TypedTruth } from './truth.ts';

const stream = ByteStream.input(1, 't1', 0, 2);

/** What was typed (200 bytes), read as `change` would have it. */
function settle(change: (bytes: Buffer) => Buffer): string | null {
  const truth = new TypedTruth(stream);
  truth.typed(120, true);
  truth.typed(80, true);
  truth.read(change(stream.bytes(0, 200)));
  return truth.settle()?.fault ?? null;
}

test('what is typed and read is told apart from what is lost, doubled or reordered', () => {
  expect(settle((bytes) => bytes)).toBeNull();
  expect(settle((bytes) => bytes.subarray(0, 199))).toBe('lost');
  expect(settle((bytes) => Buffer.concat([bytes.subarray(0, 50), bytes.subarray(60)]))).toBe('lost');
  expect(settle((bytes) => Buffer.concat([bytes.subarray(0, 60), bytes.subarray(40)]))).toBe('duplicated');
  expect(settle((bytes) => Buffer.concat([bytes, bytes.subarray(190)]))).toBe('duplicated');
  expect(settle((bytes) => Buffer.from(bytes.map((value) => value ^ 0x55)))).toBe('reordered');
});

test('a piece that was being typed at a kill may have arrived, in part, or not at all', () => {
  for (const arrived of [0, 7, 20]) {
    const truth = new TypedTruth(stream);
    truth.typed(50, true);
    truth.typed(20, false);
    truth.typed(30, true);
    truth.read(Buffer.concat([stream.bytes(0, 50 + arrived), stream.bytes(70, 30)]));
    expect(truth.complete).toBe(true);
    expect(truth.settle()).toBeNull();
    expect(truth.settledBytes).toBe(80 + arrived);
  }
});

test('such a piece may come later than it was looked for, but not behind what was typed after it', () => {
  const late = (then: Buffer[]): (string | null)[] => {
    const truth = new TypedTruth(stream);
    truth.typed(50, true);
    truth.typed(20, false);
    truth.read(stream.bytes(0, 50));
    const first = truth.settle();
    truth.typed(20, false);
    truth.typed(10, true);
    return [first, ...then.map((bytes) => (truth.read(bytes), truth.settle()))].map(
      (found) => found?.fault ?? null,
    );
  };
  expect(late([stream.bytes(50, 20), stream.bytes(90, 10)])).toEqual([null, 'lost', null]);
  expect(late([stream.bytes(50, 50)])).toEqual([null, null]);
  expect(late([stream.bytes(70, 30)])).toEqual([null, null]);
  expect(late([Buffer.concat([stream.bytes(90, 10), stream.bytes(50, 20)])])).toEqual([null, 'reordered']);
});

test('after the death of a program the beginning of what was typed is enough, and nothing else', () => {
  const partly = (read: Buffer): string | null => {
    const truth = new TypedTruth(stream);
    truth.typed(100, true);
    truth.read(read);
    return truth.settle(true)?.fault ?? null;
  };
  expect(partly(stream.bytes(0, 40))).toBeNull();
  expect(partly(stream.bytes(10, 40))).toBe('lost');
});

test('streams are the same whoever asks for whatever part, and typists never type the same value', () => {
  const output = ByteStream.output(3, 't2', 'lines');
  expect(Buffer.concat([output.bytes(0, 70_000), output.bytes(70_000, 130_000)])).toEqual(
    output.bytes(0, 200_000),
  );
  expect(new Set(ByteStream.output(3, 't2', 'binary').bytes(0, 65_536)).size).toBe(256);
  const [even, odd] = [0, 1].map((typist) => ByteStream.input(3, 't2', typist, 2).bytes(0, 5_000));
  expect(even?.every((value) => value % 2 === 0)).toBe(true);
  expect(odd?.every((value) => value % 2 === 1)).toBe(true);
});

test('a difference is named by where its bytes belong', () => {
  expect(classify(stream, 100, stream.bytes(150, 50)).fault).toBe('lost');
  expect(classify(stream, 100, stream.bytes(80, 50)).fault).toBe('duplicated');
});
