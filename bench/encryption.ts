import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Miniflare } from 'miniflare';
import { build } from 'vite';
import { newKek } from '../scripts/kek.ts';
import { section } from './section.ts';
import { percentiles } from './statistics.ts';
import { heading, row } from './table.ts';

const FULL = { times: 2_000, rounds: 15 };
const QUICK = { times: 1_000, rounds: 5 };
const ENTRY = join(import.meta.dirname, '../workers/testing/vault-bench.ts');
const ACTS = ['events', 'reads', 'wakes'] as const;
type Act = (typeof ACTS)[number];

/** Microseconds of one, median of the rounds. */
interface Cost {
  clearUs: number;
  sealedUs: number;
}

/** What encryption at rest adds in workerd, with an actor's SQLite on disk; both ways take turns. */
export const encryption = section<Record<Act, Cost>>({
  name: 'encryption',
  async measure(_stack, { quick }) {
    const { times, rounds } = quick ? QUICK : FULL;
    const folder = mkdtempSync(join(tmpdir(), 'alex-vault-bench-'));
    const worker = await start(await bundle(), folder);
    try {
      return { events: await cost('events'), reads: await cost('reads'), wakes: await cost('wakes') };
    } finally {
      await worker.dispose();
      rmSync(folder, { recursive: true, force: true });
    }

    async function cost(act: Act): Promise<Cost> {
      const taken: { clear: number[]; sealed: number[] } = { clear: [], sealed: [] };
      for (let round = 0; round <= rounds; round += 1) {
        for (const way of ['clear', 'sealed'] as const) {
          const query = `times=${times}&sealed=${way === 'sealed'}`;
          // What is read was written this way.
          if (act === 'reads') await worker.dispatchFetch(`http://bench/events?${query}`);
          const startedMs = performance.now();
          await worker.dispatchFetch(`http://bench/${act}?${query}`);
          // The first round warms up.
          if (round > 0) taken[way].push(((performance.now() - startedMs) / times) * 1_000);
        }
      }
      return { clearUs: percentiles(taken.clear).p50, sealedUs: percentiles(taken.sealed).p50 };
    }
  },
  render: (data) => [
    heading('Encryption at rest, µs', 'clear', 'sealed', 'added', 'ratio'),
    ...ACTS.map((act) => {
      const { clearUs, sealedUs } = data[act];
      return row(act, 1, clearUs, sealedUs, sealedUs - clearUs, sealedUs / clearUs);
    }),
  ],
  aims: ({ events, wakes }) => [
    {
      aim: 'encryption adds at most 100 µs to an event and 250 µs to a wake',
      measured: `${(events.sealedUs - events.clearUs).toFixed(0)} µs, ${(wakes.sealedUs - wakes.clearUs).toFixed(0)} µs`,
      met: events.sealedUs - events.clearUs <= 100 && wakes.sealedUs - wakes.clearUs <= 250,
    },
  ],
});

/** The worker as one module. */
async function bundle(): Promise<string> {
  const built = await build({
    ...{ configFile: false, logLevel: 'error' },
    build: {
      ...{ write: false, ssr: ENTRY, target: 'esnext' },
      rolldownOptions: { external: [/^node:/, /^cloudflare:/] },
    },
    ssr: { noExternal: true },
  });
  const [output] = 'output' in built ? built.output : [];
  if (output?.type !== 'chunk') throw new Error('The worker of the bench was not built.');
  return output.code;
}

async function start(contents: string, folder: string): Promise<Miniflare> {
  const name = 'vault-bench';
  const module = 'index.js';
  const miniflare = new Miniflare({
    telemetry: { enabled: false },
    resourcePersistencePath: folder,
    workers: [
      {
        config: {
          ...{ name, compatibilityDate: '2026-10-01', compatibilityFlags: ['nodejs_compat'] },
          manifest: {
            mainModule: module,
            modulesRoot: '/',
            modules: { [module]: { type: 'esm', contents } },
          },
          env: {
            BENCH: { type: 'durable-object', worker: name, exportName: 'VaultBench' },
            KEK_KEYS: { type: 'text', value: JSON.stringify({ keys: [newKek('bench')] }) },
          },
          exports: { VaultBench: { type: 'durable-object', storage: 'sqlite' } },
        },
      },
    ],
  });
  await miniflare.ready;
  return miniflare;
}
