import type { Stack } from '../test/support/stack.ts';
import { until } from '../test/support/deadline.ts';
import { bulkCommand, LINE_BYTES } from './bulk.ts';
import { startChild } from './children/child.ts';
import { measureEcho, openEcho } from './echo.ts';
import { type FullPath, openFullPath } from './full-path.ts';
import { section } from './section.ts';
import { percentiles, type Percentiles } from './statistics.ts';
import { heading, row } from './table.ts';
import { outputWith } from './terminal.ts';

const VIEWERS = [1, 10, 50] as const;
const FULL = { keys: 1_000, bytes: 20_000_000, rounds: 3 };
const QUICK = { keys: 300, bytes: 10_000_000, rounds: 1 };
const TIMEOUT_MS = 120_000;
const READY = 'ready';

interface Crowd {
  viewers: number;
  /** The typist's, with everybody watching. */
  echoMs: Percentiles;
  /** Of the terminal, until the one who started it had everything. */
  bulkMBps: Percentiles;
}

/** One terminal with ever more viewers: what they cost the one who types. */
export const multiViewer = section<Crowd[]>({
  name: 'multi-viewer',
  async measure(stack, plan) {
    const { keys, bytes, rounds } = plan.quick ? QUICK : FULL;
    const session = await openFullPath(stack.url, stack.token);
    const crowds: Crowd[] = [];
    for (const viewers of VIEWERS) {
      const echo = await echoAmong(stack, session, viewers, keys);
      const rates: number[] = [];
      for (let round = 0; round < rounds; round += 1)
        rates.push(await bulkAmong(stack, session, viewers, bytes));
      crowds.push({ viewers, echoMs: percentiles(echo), bulkMBps: percentiles(rates) });
    }
    await session.close();
    return crowds;
  },
  render: (crowds) => [
    heading('Viewers of a terminal', 'echo p50', 'p99, ms', 'MB/s', 'to all'),
    ...crowds.map(({ viewers, echoMs, bulkMBps }) =>
      row(
        String(viewers),
        3,
        echoMs.p50,
        echoMs.p99,
        bulkMBps.p50.toFixed(1),
        (bulkMBps.p50 * viewers).toFixed(0),
      ),
    ),
  ],
  aims: () => [],
});

async function echoAmong(stack: Stack, session: FullPath, viewers: number, keys: number): Promise<number[]> {
  const terminal = await openEcho({ open: session.openAmongMany });
  const crowd = await startChild('crowd', stack, [session.sessionId, terminal.channel, viewers - 1]);
  const samples = await measureEcho(terminal, keys);
  await crowd.stop();
  await terminal.close();
  return samples;
}

async function bulkAmong(
  stack: Stack,
  session: FullPath,
  viewers: number,
  atLeastBytes: number,
): Promise<number> {
  const lines = Math.ceil(atLeastBytes / LINE_BYTES);
  const bytes = lines * LINE_BYTES;
  const terminal = await session.openAmongMany(bulkCommand(lines));
  await outputWith(terminal, READY, TIMEOUT_MS);
  const crowd = await startChild('crowd', stack, [session.sessionId, terminal.channel, viewers - 1]);
  const startedAtMs = performance.now();
  terminal.listen(() => undefined);
  terminal.write(Uint8Array.of(0x67));
  await until(() => terminal.offset >= READY.length + bytes, TIMEOUT_MS, 'bulk output');
  const elapsedMs = performance.now() - startedAtMs;
  await crowd.stop();
  await terminal.close();
  return bytes / 1000 / elapsedMs;
}
