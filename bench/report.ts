import { percentiles, type Percentiles } from './statistics.ts';

/** Everything one run measured. Milliseconds and MB/s (10^6 bytes). */
export interface Measurements {
  /** Round trips of single keys, by contestant. */
  echoMs: Record<'bare' | 'ws' | 'full', number[]>;
  /** Bulk output, one number per run, by contestant. */
  bulkMBps: Record<'bare' | 'ws' | 'full', number[]>;
  /** From asking to the first prompt: a new session, and a second terminal of a running one. */
  firstPromptMs: Record<'cold' | 'warm', number[]>;
}

/** One aim and whether this run met it. */
export interface Aim {
  aim: string;
  measured: string;
  met: boolean;
}

/** What `--json` prints. */
export interface Report {
  echoMs: Record<'bare' | 'ws' | 'full', Percentiles>;
  bulkMBps: Record<'bare' | 'ws' | 'full', Percentiles>;
  firstPromptMs: Record<'cold' | 'warm', Percentiles>;
  ratios: Record<'echoFullToWs' | 'echoFullToBare' | 'bulkFullToWs' | 'bulkFullToBare', number>;
  aims: Aim[];
}

const ECHO_MAX_RATIO = 4;
const ECHO_MAX_ABOVE_MS = 1;
const BULK_MIN_RATIO = 0.9;
const FIRST_PROMPT_MAX_MS = 150;

/** Boils a run down. Ratios compare medians of the same run, which a shared machine's mood changes little. */
export function summarize(measured: Measurements): Report {
  const echoMs = mapValues(measured.echoMs, percentiles);
  const bulkMBps = mapValues(measured.bulkMBps, percentiles);
  const firstPromptMs = mapValues(measured.firstPromptMs, percentiles);
  const ratios = {
    echoFullToWs: echoMs.full.p50 / echoMs.ws.p50,
    echoFullToBare: echoMs.full.p50 / echoMs.bare.p50,
    bulkFullToWs: bulkMBps.full.p50 / bulkMBps.ws.p50,
    bulkFullToBare: bulkMBps.full.p50 / bulkMBps.bare.p50,
  };
  const aboveMs = echoMs.full.p50 - echoMs.ws.p50;
  const aims = [
    {
      aim: `echo p50 within ${ECHO_MAX_RATIO}x of ws + PTY`,
      measured: `${ratios.echoFullToWs.toFixed(2)}x`,
      met: ratios.echoFullToWs <= ECHO_MAX_RATIO,
    },
    {
      aim: `echo p50 less than ${ECHO_MAX_ABOVE_MS} ms above ws + PTY`,
      measured: `${aboveMs.toFixed(2)} ms`,
      met: aboveMs < ECHO_MAX_ABOVE_MS,
    },
    {
      aim: `bulk at least ${BULK_MIN_RATIO}x of ws + PTY`,
      measured: `${ratios.bulkFullToWs.toFixed(2)}x`,
      met: ratios.bulkFullToWs >= BULK_MIN_RATIO,
    },
    ...(['cold', 'warm'] as const).map((kind) => ({
      aim: `first prompt, ${kind}, p95 under ${FIRST_PROMPT_MAX_MS} ms`,
      measured: `${firstPromptMs[kind].p95.toFixed(0)} ms`,
      met: firstPromptMs[kind].p95 < FIRST_PROMPT_MAX_MS,
    })),
  ];
  return { echoMs, bulkMBps, firstPromptMs, ratios, aims };
}

const NAMES = { bare: 'bare PTY', ws: 'ws + PTY', full: 'full path' } as const;

/** The report as a table for people. */
export function render(report: Report): string {
  const lines = ['Echo of one key, ms          p50      p95      p99    x ws + PTY'];
  for (const key of ['bare', 'ws', 'full'] as const) {
    const echo = report.echoMs[key];
    const cells = [echo.p50, echo.p95, echo.p99].map((ms) => ms.toFixed(3).padStart(9)).join('');
    lines.push(
      `  ${NAMES[key].padEnd(20)}${cells}${(echo.p50 / report.echoMs.ws.p50).toFixed(2).padStart(14)}`,
    );
  }
  lines.push('', 'Bulk output, MB/s         median      min      max    x ws + PTY');
  for (const key of ['bare', 'ws', 'full'] as const) {
    const bulk = report.bulkMBps[key];
    const cells = [bulk.p50, bulk.min, bulk.max].map((rate) => rate.toFixed(1).padStart(9)).join('');
    lines.push(
      `  ${NAMES[key].padEnd(20)}${cells}${(bulk.p50 / report.bulkMBps.ws.p50).toFixed(2).padStart(14)}`,
    );
  }
  lines.push('', 'First prompt, ms             p50      p95      max');
  for (const kind of ['cold', 'warm'] as const) {
    const prompt = report.firstPromptMs[kind];
    const cells = [prompt.p50, prompt.p95, prompt.max].map((ms) => ms.toFixed(1).padStart(9)).join('');
    const name = kind === 'cold' ? 'new session' : 'second terminal';
    lines.push(`  ${name.padEnd(20)}${cells}   (${prompt.count} times)`);
  }
  lines.push('', 'Aims');
  for (const aim of report.aims) {
    lines.push(`  ${aim.met ? 'met    ' : 'NOT MET'}  ${aim.aim}: ${aim.measured}`);
  }
  return `${lines.join('\n')}\n`;
}

function mapValues<K extends string, V, R>(record: Record<K, V>, map: (value: V) => R): Record<K, R> {
  const entries = Object.entries(record) as [K, V][];
  return Object.fromEntries(entries.map(([key, value]) => [key, map(value)])) as Record<K, R>;
}
