import { within } from '../test/support/deadline.ts';
import {
  CONTESTANT_KEYS,
  CONTESTANTS,
  type ContestantKey,
  forEachContestant,
  withContestants,
} from './contestants.ts';
import { section } from './section.ts';
import { percentiles, type Percentiles } from './statistics.ts';
import { heading, row } from './table.ts';
import { type Contestant, outputWith } from './terminal.ts';

const FULL = { rounds: 15, bytes: 50_000_000 };
const QUICK = { rounds: 3, bytes: 20_000_000 };
const MIN_RATIO = 0.9;

const READY_TIMEOUT_MS = 10_000;
const BULK_TIMEOUT_MS = 120_000;

/** One line of ordinary text; with the CR LF that a terminal makes of its newline, 80 bytes. */
const LINE = 'The quick brown fox jumps over the lazy dog 0123456789, and prints on and on. ';
const NEWLINE_BYTES = 2;
export const LINE_BYTES = LINE.length + NEWLINE_BYTES;

/**
 * Waits for a key, then prints so many lines, with newlines translated as for any program. `head` keeps the tty open to
 * its end.
 */
export function bulkCommand(lines: number): string[] {
  const print = `yes '${LINE}' | head -n ${lines}`;
  return [
    'sh',
    '-c',
    `stty -echo -icanon; printf ready; head -c 1 >/dev/null; ${print}; head -c 1 >/dev/null`,
  ];
}

/** Bulk output in MB/s (10^6 bytes), from the key to the last byte. */
export async function measureBulk(contestant: Contestant, atLeastBytes: number): Promise<number> {
  const lines = Math.ceil(atLeastBytes / LINE_BYTES);
  const bytes = lines * LINE_BYTES;
  const terminal = await contestant.open(bulkCommand(lines));
  try {
    await outputWith(terminal, 'ready', READY_TIMEOUT_MS);
    let received = 0;
    const all = new Promise<void>((resolve) => {
      terminal.listen((chunk) => {
        received += chunk.length;
        if (received >= bytes) resolve();
      });
    });
    const startedAtMs = performance.now();
    terminal.write(Uint8Array.of(0x67));
    await within(all, BULK_TIMEOUT_MS, 'bulk output');
    const elapsedMs = performance.now() - startedAtMs;
    if (received !== bytes) throw new Error(`Expected ${bytes} bytes, received ${received}.`);
    return bytes / 1000 / elapsedMs;
  } finally {
    await terminal.close();
  }
}

interface BulkData {
  MBps: Record<ContestantKey, Percentiles>;
  /** Of medians. */
  ratios: { fullToWs: number; fullToBare: number };
}

/** Output at full speed, by contestant. */
export const bulk = section<BulkData>({
  name: 'bulk',
  measure: (stack, plan) =>
    withContestants(stack, async (contestants) => {
      const { rounds, bytes } = plan.quick ? QUICK : FULL;
      const samples = forEachContestant((): number[] => []);
      for (let round = 0; round < rounds; round += 1) {
        for (const key of CONTESTANT_KEYS) samples[key].push(await measureBulk(contestants[key], bytes));
      }
      const MBps = forEachContestant((key) => percentiles(samples[key]));
      const ratios = { fullToWs: MBps.full.p50 / MBps.ws.p50, fullToBare: MBps.full.p50 / MBps.bare.p50 };
      return { MBps, ratios };
    }),
  render: ({ MBps }) => [
    heading('Bulk output, MB/s', 'median', 'min', 'max', 'x ws + PTY'),
    ...CONTESTANT_KEYS.map((key) => {
      const { p50, min, max } = MBps[key];
      return row(CONTESTANTS[key], 1, p50, min, max, (p50 / MBps.ws.p50).toFixed(2));
    }),
  ],
  aims: ({ ratios }) => [
    {
      aim: `bulk at least ${MIN_RATIO}x of ws + PTY`,
      measured: `${ratios.fullToWs.toFixed(2)}x`,
      met: ratios.fullToWs >= MIN_RATIO,
    },
  ],
});
