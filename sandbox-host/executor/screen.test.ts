import type headless from '@xterm/headless';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_SNAPSHOT_BYTES } from '../../protocol/limits.ts';
import { ByteRing } from '../../protocol/stream/ring.ts';
import { Screen, type ScreenSnapshot } from './screen.ts';
import { ScreenPool } from './screen-pool.ts';
import { scrolledOff } from './scrolled-off.ts';
import { blankTerminal, everythingOf, writeTo } from './testing/terminal-look.ts';

/** Everything is looked at, in small pieces, so that short floods are skipped too. */
const EAGER = { pace: { feedAtBytes: 64, pieceBytes: 512 } };
const SIZE = { cols: 40, rows: 10 };
const encoder = new TextEncoder();

/** A terminal that was there all along. */
async function witness(output: string): Promise<headless.Terminal> {
  const terminal = blankTerminal(SIZE);
  await writeTo(terminal, encoder.encode(output));
  return terminal;
}

async function replay({ cols, rows, bytes }: ScreenSnapshot): Promise<headless.Terminal> {
  const terminal = blankTerminal({ cols, rows });
  await writeTo(terminal, bytes);
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
    // Controls that are let pass in ordinary lines, and ones that are not.
    ...['\0\x05\x07', 'down\x0b\x0cagain', '\x18\x1a\x7f', '\x0e', 'lqqk\x0f', '\u0085'],
    ...[flood(0, 1300, '\x0b'), flood(0, 1300, '\0\x7f\x18'), flood(0, 1300, '\x0eq'), flood(0, 1300, '°')],
    ...['no line end', 'tab\there', '\n\n\n', '\r', '\x1b[4h', '\x1bc', 'half \u00c2'],
  ),
);

test('what is skipped leaves no trace, whatever came before and after', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 6 }), async (pieces) => {
      const truth = await witness(pieces.join(''));
      expect(everythingOf(await replay(await screenOf(pieces)))).toEqual(everythingOf(truth));
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

test('there is no screen until it is needed, and none any more when it was not used for a while', async () => {
  const parked = Promise.withResolvers<undefined>();
  const pool = new ScreenPool({ idleAfterMs: 1 });
  const ring = new ByteRing(1024 * 1024);
  const screen = new Screen(SIZE, ring, () => undefined, { pool });
  const park = screen.park.bind(screen);
  screen.park = () => {
    queueMicrotask(() => parked.resolve(undefined));
    return park();
  };
  ring.append(encoder.encode(flood(0, 2000, '\x1b[32m')));
  screen.grew();
  expect(screen.liveBytes).toBe(0);
  const first = await screen.snapshot();
  expect(screen.liveBytes).toBeGreaterThan(100_000);
  await parked.promise;
  expect(screen.liveBytes).toBe(0);
  expect(await screen.snapshot()).toEqual(first);
  screen.dispose();
});

test('many screens take no more memory than they may together', async () => {
  const pool = new ScreenPool({ maxBytes: 2_000_000 });
  const ring = new ByteRing(1024 * 1024);
  const screens = Array.from({ length: 12 }, () => new Screen(SIZE, ring, () => undefined, { pool }));
  ring.append(encoder.encode(flood(0, 1000, '')));
  const snapshots = [];
  for (const screen of screens) {
    screen.resize({ cols: 60, rows: 20 });
    snapshots.push(await screen.snapshot());
    expect(pool.liveBytes).toBeLessThanOrEqual(2_000_000);
  }
  expect(screens.filter(({ liveBytes }) => liveBytes > 0).length).toBeLessThan(screens.length);
  for (const [index, screen] of screens.entries()) expect(await screen.snapshot()).toEqual(snapshots[index]);
  for (const screen of screens) screen.dispose();
});

test('a screen written down and made again, whenever, is the same screen', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(piece, fc.boolean()), { minLength: 1, maxLength: 5 }),
      async (pieces) => {
        const truth = await witness(pieces.map(([text]) => text).join(''));
        const ring = new ByteRing(64 * 1024 * 1024);
        const screen = new Screen(SIZE, ring, () => undefined, EAGER);
        for (const [text, park] of pieces) {
          ring.append(encoder.encode(text));
          screen.grew();
          if (!park) continue;
          await screen.snapshot();
          expect(screen.park()).toBe(true);
        }
        expect(everythingOf(await replay(await screen.snapshot()))).toEqual(everythingOf(truth));
        screen.dispose();
      },
    ),
    { numRuns: 20 },
  );
});

test('a snapshot carries as much scrollback as there is room for', async () => {
  const size = { cols: 300, rows: 20 };
  const ring = new ByteRing(16 * 1024 * 1024);
  const screen = new Screen(size, ring, () => undefined);
  const line = Array.from({ length: 290 }, (_unused, at) => `\x1b[38;2;${at % 255};9;${at % 7}mx`).join('');
  ring.append(encoder.encode(`${line}\r\n`.repeat(900)));
  const { bytes } = await screen.snapshot();
  expect(bytes.length).toBeLessThanOrEqual(MAX_SNAPSHOT_BYTES);
  expect(bytes.length).toBeGreaterThan(MAX_SNAPSHOT_BYTES / 4);
  screen.dispose();
});
