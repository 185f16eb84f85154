import serialize from '@xterm/addon-serialize';
import headless from '@xterm/headless';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SNAPSHOT_SCROLLBACK_LINES } from '../../protocol/limits.ts';
import { ByteRing } from '../../protocol/stream/ring.ts';
import { Screen, type ScreenSnapshot } from './screen.ts';
import { scrolledOff } from './scrolled-off.ts';

/** Everything is looked at, in small pieces, so that short floods are skipped too. */
const EAGER = { feedAtBytes: 64, feedAfterMs: 1, pieceBytes: 512 };
const SIZE = { cols: 40, rows: 10 };
const encoder = new TextEncoder();

/** A terminal that was there all along. */
function witness(output: string): Promise<headless.Terminal> {
  const terminal = new headless.Terminal({
    ...SIZE,
    scrollback: SNAPSHOT_SCROLLBACK_LINES,
    allowProposedApi: true,
  });
  return new Promise((resolve) => terminal.write(encoder.encode(output), () => resolve(terminal)));
}

/** Every cell with its colours, the cursor and the modes; nothing else can be seen of a terminal. */
function visible(terminal: headless.Terminal): unknown {
  const buffer = terminal.buffer.active;
  const lines = [];
  for (let y = 0; y < buffer.length; y++) {
    const line = buffer.getLine(y);
    const cells = [];
    for (let x = 0; x < terminal.cols; x++) {
      const cell = line?.getCell(x);
      const plain = cell === undefined || (cell.getChars() === '' && cell.isAttributeDefault());
      if (!plain) cells.push([x, cell.getChars(), cell.getFgColor(), cell.getBgColor(), cell.isBold()]);
    }
    lines.push(cells);
  }
  return { lines, x: buffer.cursorX, y: buffer.cursorY, type: buffer.type, modes: { ...terminal.modes } };
}

async function replay(snapshot: ScreenSnapshot): Promise<headless.Terminal> {
  const { cols, rows, bytes } = snapshot;
  const terminal = new headless.Terminal({
    ...{ cols, rows },
    scrollback: SNAPSHOT_SCROLLBACK_LINES,
    allowProposedApi: true,
  });
  await new Promise<void>((resolve) => terminal.write(bytes, resolve));
  return terminal;
}

/** What a screen makes of output that comes in pieces. */
async function screenOf(pieces: string[]): Promise<ScreenSnapshot> {
  const ring = new ByteRing(64 * 1024 * 1024);
  const screen = new Screen(SIZE, ring, () => undefined, EAGER);
  for (const piece of pieces) {
    ring.append(encoder.encode(piece));
    screen.grew();
  }
  const snapshot = await screen.snapshot();
  screen.dispose();
  return snapshot;
}

const flood = (first: number, count: number, colour: string): string =>
  Array.from({ length: count }, (_, line) => `${colour}line ${first + line} é 日本\x1b[0m\r\n`).join('');

const piece = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(fc.nat(9999), fc.integer({ min: 1200, max: 2600 })).map(([n, c]) => flood(n, c, '')),
  },
  fc.tuple(fc.nat(9999), fc.nat(7)).map(([n, colour]) => flood(n, 1500, `\x1b[1;3${colour}m`)),
  fc.constantFrom(
    ...[
      '\x1b[?1049h',
      '\x1b[?1049l',
      '\x1b[2;6r',
      '\x1b[r',
      '\x1b[31m',
      '\x1b[m',
      '\x1b[5;7H',
      '\x1b[2J',
      '\x1b[?7l',
    ],
    ...[
      '\x1b]0;a title\x07',
      '\x1b]0;never ended ',
      '\x1bP1$r',
      '\x1b\\',
      '\x9b',
      '\x1b[',
      '\x1b',
      '\b\b',
      '\x1b[?25l',
    ],
    ...['no line end', 'tab\there', '\n\n\n', '\r', '\x1b[4h', '\x1bc', 'half \u00c2'],
  ),
);

test('what is skipped leaves no trace, whatever came before and after', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 6 }), async (pieces) => {
      // The serializer is exact for both alike, so a difference is the screen's.
      const truth = await witness(pieces.join(''));
      const serializer = new serialize.SerializeAddon();
      truth.loadAddon(serializer);
      const text = serializer.serialize({ scrollback: SNAPSHOT_SCROLLBACK_LINES });
      const direct = await replay({ ...SIZE, bytes: encoder.encode(text) });
      expect(visible(await replay(await screenOf(pieces)))).toEqual(visible(direct));
    }),
    { numRuns: 40 },
  );
});

test('a flood of lines is mostly skipped', () => {
  const bytes = encoder.encode(flood(0, 10_000, ''));
  const kept = bytes.length - (scrolledOff(bytes, 1000)?.skippedBytes ?? 0);
  expect(kept).toBe(encoder.encode(flood(9000, 1000, '')).length);
  expect(scrolledOff(encoder.encode(flood(0, 999, '')), 1000)).toBeNull();
});

test('lines without a carriage return are not skipped: they begin where the one before ended', () => {
  expect(scrolledOff(encoder.encode('line\n'.repeat(10_000)), 1000)).toBeNull();
});

test('a resize takes effect at its place in the output', async () => {
  const ring = new ByteRing(1024 * 1024);
  const screen = new Screen(SIZE, ring, () => undefined, EAGER);
  const long = 'x'.repeat(60);
  ring.append(encoder.encode(`${long}\r\n`));
  screen.resize({ cols: 80, rows: 10 });
  ring.append(encoder.encode(`\x1b[2J\x1b[H${long}`));
  const terminal = await replay(await screen.snapshot());
  expect(terminal.cols).toBe(80);
  expect(terminal.buffer.active.getLine(terminal.buffer.active.baseY)?.translateToString(true)).toBe(long);
  screen.dispose();
});
