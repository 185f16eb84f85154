import { within } from '../test/support/deadline.ts';
import { type BenchTerminal, type Contestant, outputWith } from './terminal.ts';

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
export async function openEcho(contestant: Contestant): Promise<BenchTerminal> {
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
