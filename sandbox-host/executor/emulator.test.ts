import type headless from '@xterm/headless';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blankTerminal, everythingOf, writeTo } from './testing/terminal-look.ts';
import { Emulator } from './emulator.ts';

const encoder = new TextEncoder();
/** The same every time, but for as many others as are asked for. */
const wanted = process.env['SCREEN_RUNS'];
const RUNS = wanted === undefined ? { numRuns: 300, seed: 20_261_125 } : { numRuns: Number(wanted) };

/** What the whole stream makes, and what the screen at `cut` and the rest make. */
async function bothWays(
  before: Uint8Array,
  after: Uint8Array,
  size: { cols: number; rows: number },
  later?: { cols: number; rows: number },
): Promise<{ whole: unknown; resumed: unknown }> {
  const whole = blankTerminal(size);
  await writeTo(whole, before);
  const emulator = new Emulator(size);
  await new Promise<void>((resolve) => emulator.write(before, resolve));
  const snapshot = emulator.serialize();
  const resumed = blankTerminal(size);
  await writeTo(resumed, snapshot);
  if (later !== undefined) for (const each of [whole, resumed]) each.resize(later.cols, later.rows);
  for (const each of [whole, resumed]) await writeTo(each, after);
  if (later === undefined) await unchanged(emulator, after, resumed);
  const both = { whole: everythingOf(whole), resumed: everythingOf(resumed) };
  for (const each of [whole, resumed, emulator]) each.dispose();
  return both;
}

/** Having been looked at changes nothing: it goes on as a terminal does that was there all along. */
async function unchanged(emulator: Emulator, after: Uint8Array, witness: headless.Terminal): Promise<void> {
  await new Promise<void>((resolve) => emulator.write(after, resolve));
  const kept = blankTerminal(emulator.size);
  await writeTo(kept, emulator.serialize());
  expect(everythingOf(kept)).toEqual(everythingOf(witness));
  kept.dispose();
}

const parameter = fc.oneof(fc.nat(12), fc.nat(45));
const csi = (finals: string): fc.Arbitrary<string> =>
  fc
    .tuple(fc.array(parameter, { maxLength: 3 }), fc.constantFrom(...finals))
    .map(([parameters, final]) => `\x1b[${parameters.join(';')}${final}`);
const privateMode = fc
  .tuple(
    fc.constantFrom(
      1,
      6,
      7,
      9,
      12,
      25,
      45,
      47,
      66,
      1000,
      1002,
      1003,
      1004,
      1006,
      1016,
      1047,
      1048,
      1049,
      2004,
      2026,
    ),
    fc.constantFrom('h', 'l'),
  )
  .map(([mode, set]) => `\x1b[?${mode}${set}`);
const sgr = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '0',
        '1',
        '2',
        '3',
        '4',
        '5',
        '7',
        '8',
        '9',
        '21',
        '22',
        '23',
        '24',
        '27',
        '29',
        '53',
        '55',
      ),
      fc.constantFrom('4:3', '4:0', '4:5', '31', '97', '42', '103', '39', '49'),
      fc.constantFrom('38;5;9', '48;5;200', '38;2;1;2;3', '48;2;255;0;9', '58:5:77', '58:2::3:4:5'),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((codes) => `\x1b[${codes.join(';')}m`);
const words = fc.oneof(
  fc.stringMatching(/^[ -~]{1,30}$/),
  fc.constantFrom('日本語', '😀', 'é', 'e\u0301', '👍🏽', 'ｶﾅ', 'x'.repeat(25), '漢'.repeat(9), 'ａ'),
);
const special = fc.constantFrom(
  ...['\r\n', '\n', '\r', '\b', '\t', '\x0e', '\x0f', '\x1b7', '\x1b8', '\x1bD', '\x1bE', '\x1bM', '\x1bH'],
  ...[
    '\x1b(0',
    '\x1b)0',
    '\x1b(B',
    '\x1b(A',
    '\x1b*4',
    '\x1bn',
    '\x1bo',
    '\x1bc',
    '\x1b[!p',
    '\x1b=',
    '\x1b>',
    '\x1b#8',
  ],
  ...[
    '\x1b]0;a title\x07',
    '\x1b]2;other\x1b\\',
    '\x1b]8;;http://a/b\x07',
    '\x1b]8;id=7;http://c\x1b\\',
    '\x1b]8;;\x07',
  ],
  ...[
    '\x1b[1"q',
    '\x1b[0"q',
    '\x1b[3 q',
    '\x1b[6 q',
    '\x1b[0 q',
    '\x1b[4h',
    '\x1b[4l',
    '\x1b[20h',
    '\x1b[3g',
    '\x1b[g',
  ],
  ...[
    '\x1bP1$r0m\x1b\\',
    '\x1b_apc\x1b\\',
    '\x1b^pm',
    '\u009b31m',
    '\u009d0;c1\u009c',
    '\u0085',
    '\x18',
    '\x1b',
    '\x1b[',
    '\x1b]',
  ],
);
const piece = fc.oneof(
  { weight: 6, arbitrary: words },
  { weight: 4, arbitrary: csi('@ABCDEFGHIJKLMPSTXZ`abdefr') },
  { weight: 3, arbitrary: sgr },
  { weight: 3, arbitrary: privateMode },
  { weight: 4, arbitrary: special },
);

test('the screen at any byte, and the rest, is what the whole is', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { minLength: 1, maxLength: 40 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom({ cols: 20, rows: 6 }, { cols: 7, rows: 3 }, { cols: 40, rows: 10 }),
      async (pieces, share, size) => {
        const bytes = encoder.encode(pieces.join(''));
        const cut = Math.round(share * bytes.length);
        const { whole, resumed } = await bothWays(bytes.subarray(0, cut), bytes.subarray(cut), size);
        expect(resumed).toEqual(whole);
      },
    ),
    RUNS,
  );
});

test('so it is when the terminal is resized after it', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { minLength: 1, maxLength: 40 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.record({ cols: fc.integer({ min: 5, max: 30 }), rows: fc.integer({ min: 2, max: 12 }) }),
      async (pieces, share, later) => {
        const bytes = encoder.encode(pieces.join(''));
        const cut = Math.round(share * bytes.length);
        const size = { cols: 20, rows: 6 };
        const { whole, resumed } = await bothWays(bytes.subarray(0, cut), bytes.subarray(cut), size, later);
        expect(resumed).toEqual(whole);
      },
    ),
    RUNS,
  );
});
