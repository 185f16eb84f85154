import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FrameKind } from '../protocol/stream/frame.ts';
import { TerminalOutput } from './terminal-output.ts';

const CHANNEL = 1;

/** An output whose sink notes for every byte the width it was printed for; `asked` are the places it attached anew at. */
function outputAt(offset: number | null): {
  output: TerminalOutput;
  seen: { byte: number; cols: number }[];
  asked: number[];
  give: (at: number, bytes: number[]) => void;
} {
  const seen: { byte: number; cols: number }[] = [];
  const asked: number[] = [];
  let cols = 0;
  const output = new TerminalOutput(CHANNEL, offset, {
    sink: {
      output: (bytes) => seen.push(...[...bytes].map((byte) => ({ byte, cols }))),
      screen: (screen) => (cols = screen.cols),
      resized: (size) => (cols = size.cols),
    },
    port: { send: () => undefined, sendFrame: () => undefined },
    missing: (at) => asked.push(at),
  });
  const give = (at: number, bytes: number[]): void =>
    output.output({
      ...{ kind: FrameKind.Output, flags: 0, channel: CHANNEL, stream: 0, offset: at },
      payload: Uint8Array.from(bytes),
    });
  return { output, seen, asked, give };
}

it('hands on every byte once, in order and at its size, however it is cut, repeated and resumed', () => {
  const total = 200;
  const truth = Array.from({ length: total }, (_unused, at) => at);
  const piece = fc.record({
    back: fc.nat({ max: 30 }),
    length: fc.integer({ min: 1, max: 40 }),
    lost: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat({ max: total - 1 }), { maxLength: 6 }),
      fc.array(piece, { minLength: 1, maxLength: 40 }),
      (changes, pieces) => {
        const { output, seen, asked, give } = outputAt(0);
        const sizes = changes.sort((a, b) => a - b).map((at, index) => ({ at, cols: index + 1 }));
        const tell = (from: number): void => {
          for (const { at, cols } of sizes) if (at >= from) output.resized(at, { cols, rows: 1 });
        };
        tell(0);
        for (const { back, length, lost } of pieces) {
          if (lost) {
            output.unlinked();
            // The session tells sizes from the place of attaching on, ahead of the bytes.
            tell(output.offset);
          }
          const at = Math.max(0, output.offset - back);
          give(at, truth.slice(at, at + length));
        }
        give(output.offset, truth.slice(output.offset));
        const colsAt = (at: number): number => sizes.findLast((size) => size.at <= at)?.cols ?? 0;
        expect(seen).toEqual(truth.map((byte) => ({ byte, cols: colsAt(byte) })));
        expect(asked).toEqual([]);
      },
    ),
  );
});

it('asks for missing bytes once, and again after a loss', () => {
  const { output, asked, seen, give } = outputAt(10);
  give(12, [12]);
  give(13, [13]);
  expect(asked).toEqual([10]);
  output.unlinked();
  give(12, [12]);
  expect(asked).toEqual([10, 10]);
  expect(seen).toEqual([]);
});

it('resumed elsewhere goes on there, never further back', () => {
  const { output, give, seen } = outputAt(10);
  output.resumed(5);
  expect(output.resumeAt).toBe(10);
  output.resumed(20);
  give(20, [20]);
  expect(seen).toEqual([{ byte: 20, cols: 0 }]);
  output.displace();
  expect(output.resumeAt).toBeNull();
});
