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
import { type BenchTerminal, type Contestant, outputWith } from './terminal.ts';

const FULL = { rounds: 20, keys: 200 };
const QUICK = { rounds: 5, keys: 100 };
const MAX_RATIO = 4;
const MAX_ABOVE_MS = 1;

/** Longest one key may take to come back. */
const ECHO_TIMEOUT_MS = 10_000;
/** Keys typed before counting, so that every part is warm. */
const WARM_UP_KEYS = 200;

/** A program that answers each byte itself: a round trip through every part and a process. */
const ECHO_COMMAND = ['sh', '-c', 'stty raw -echo; printf ready; exec cat'] as const;

function roundTrip(terminal: BenchTerminal, key: Uint8Array): Promise<number> {
  const startedAtMs = performance.now();
  const echoed = new Promise<number>((resolve) => {
    terminal.listen(() => resolve(performance.now() - startedAtMs));
  });
  terminal.write(key);
  return within(echoed, ECHO_TIMEOUT_MS, 'echo');
}

/** An echo terminal that is ready to be measured. */
export async function openEcho<Terminal extends BenchTerminal>(
  contestant: Pick<Contestant<Terminal>, 'open'>,
): Promise<Terminal> {
  const terminal = await contestant.open(ECHO_COMMAND);
  await outputWith(terminal, 'ready', ECHO_TIMEOUT_MS);
  const key = Uint8Array.of(0x78);
  for (let i = 0; i < WARM_UP_KEYS; i += 1) await roundTrip(terminal, key);
  return terminal;
}

/** Types `keys` keys one after the other; the time each took to come back, in milliseconds. */
export async function measureEcho(terminal: BenchTerminal, keys: number): Promise<number[]> {
  const samples: number[] = [];
  for (let i = 0; i < keys; i += 1) samples.push(await roundTrip(terminal, Uint8Array.of(0x61 + (i % 26))));
  return samples;
}

interface EchoData {
  ms: Record<ContestantKey, Percentiles>;
  /** Of medians. */
  ratios: { fullToWs: number; fullToBare: number };
}

/** One key and its echo, by contestant. */
export const echo = section<EchoData>({
  name: 'echo',
  measure: (stack, plan) =>
    withContestants(stack, async (contestants) => {
      const { rounds, keys } = plan.quick ? QUICK : FULL;
      const samples = forEachContestant((): number[] => []);
      const terminals = forEachContestant((key) => openEcho(contestants[key]));
      for (let round = 0; round < rounds; round += 1) {
        for (const key of CONTESTANT_KEYS)
          samples[key].push(...(await measureEcho(await terminals[key], keys)));
      }
      for (const key of CONTESTANT_KEYS) await (await terminals[key]).close();
      const ms = forEachContestant((key) => percentiles(samples[key]));
      const ratios = { fullToWs: ms.full.p50 / ms.ws.p50, fullToBare: ms.full.p50 / ms.bare.p50 };
      return { ms, ratios };
    }),
  render: ({ ms }) => [
    heading('Echo of one key, ms', 'p50', 'p95', 'p99', 'x ws + PTY'),
    ...CONTESTANT_KEYS.map((key) => {
      const { p50, p95, p99 } = ms[key];
      return row(CONTESTANTS[key], 3, p50, p95, p99, (p50 / ms.ws.p50).toFixed(2));
    }),
  ],
  aims: ({ ms, ratios }) => [
    {
      aim: `echo p50 within ${MAX_RATIO}x of ws + PTY`,
      measured: `${ratios.fullToWs.toFixed(2)}x`,
      met: ratios.fullToWs <= MAX_RATIO,
    },
    {
      aim: `echo p50 less than ${MAX_ABOVE_MS} ms above ws + PTY`,
      measured: `${(ms.full.p50 - ms.ws.p50).toFixed(2)} ms`,
      met: ms.full.p50 - ms.ws.p50 < MAX_ABOVE_MS,
    },
  ],
});
