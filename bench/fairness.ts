import { startChild } from './children/child.ts';
import { measureEcho, openEcho } from './echo.ts';
import { openFullPath } from './full-path.ts';
import { section } from './section.ts';
import { percentiles, type Percentiles } from './statistics.ts';
import { heading, row } from './table.ts';

const FULL = { rounds: 4, keys: 1_000 };
const QUICK = { rounds: 2, keys: 500 };
const MAX_RATIO = 5;

interface FairnessData {
  /** Echo in a quiet session. */
  idleMs: Percentiles;
  /** The same while another session prints at full speed. */
  besideFloodMs: Percentiles;
  floodMBps: number[];
  ratioP99: number;
}

/** What a session that floods its viewer does to the keystrokes of another one on the same host. */
export const fairness = section<FairnessData>({
  name: 'fairness',
  async measure(stack, plan) {
    const { rounds, keys } = plan.quick ? QUICK : FULL;
    const session = await openFullPath(stack.url, stack.token);
    const terminal = await openEcho(session);
    const idle: number[] = [];
    const besideFlood: number[] = [];
    const floodMBps: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      idle.push(...(await measureEcho(terminal, keys)));
      const flood = await startChild('flood', stack);
      besideFlood.push(...(await measureEcho(terminal, keys)));
      floodMBps.push(Number(await flood.stop()));
    }
    await session.close();
    const idleMs = percentiles(idle);
    const besideFloodMs = percentiles(besideFlood);
    return { idleMs, besideFloodMs, floodMBps, ratioP99: besideFloodMs.p99 / idleMs.p99 };
  },
  render: ({ idleMs, besideFloodMs, floodMBps, ratioP99 }) => [
    heading('Fairness: echo, ms', 'p50', 'p95', 'p99', 'p99 x idle'),
    row('alone', 3, idleMs.p50, idleMs.p95, idleMs.p99, '1.00'),
    row('beside a flood', 3, besideFloodMs.p50, besideFloodMs.p95, besideFloodMs.p99, ratioP99.toFixed(2)),
    `  The flood ran at ${floodMBps.map((rate) => rate.toFixed(0)).join(', ')} MB/s.`,
  ],
  aims: ({ ratioP99 }) => [
    {
      aim: `p99 echo beside a flood within ${MAX_RATIO}x of idle`,
      measured: `${ratioP99.toFixed(2)}x`,
      met: ratioP99 <= MAX_RATIO,
    },
  ],
});
