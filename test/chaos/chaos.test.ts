import { expect, test } from 'vitest';
import { runChaos } from './run.ts';
import { FAULTS, type FaultKind } from './schedule.ts';

const TIMEOUT_MS = 300_000;
/** Takes twenty seconds to be noticed, by design; `npm run chaos` has it. */
const SLOW: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'net-half-open',
  'data-half-open',
  'control-half-open',
]);
const KINDS = (Object.keys(FAULTS) as FaultKind[]).filter((kind) => kind !== 'clock-jump' && !SLOW.has(kind));

async function play(seed: number, rounds: number): Promise<void> {
  const nowhere = (): void => undefined;
  const result = await runChaos({ seed, rounds, first: 0, faults: KINDS, log: nowhere, progress: nowhere });
  expect(result.ok, result.text).toBe(true);
}

test('twelve rounds lose, double and reorder nothing', { timeout: TIMEOUT_MS }, () => play(20, 12));

const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
test(`three rounds of seed ${seed} neither`, { timeout: TIMEOUT_MS }, () => play(seed, 3));
