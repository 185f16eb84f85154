import { env } from 'cloudflare:test';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ask, createSession, newUser, tokenFor } from '../testing/api.ts';
import { joinRegion } from '../testing/host.ts';
import {
  addAll,
  escapeLabel,
  MAX_BATCH,
  MAX_SERIES,
  type Increment,
  seriesKey,
  type Series,
} from './counters.ts';
import { addMetrics, readMetrics } from './metrics-client.ts';
import { prometheusText } from './prometheus.ts';

interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** Reads the text exposition format strictly; throws on any line that is not of it. */
function parseProm(text: string): { samples: Sample[]; types: Map<string, string> } {
  const samples: Sample[] = [];
  const types = new Map<string, string>();
  expect(text.endsWith('\n')).toBe(true);
  for (const line of text.slice(0, -1).split('\n')) {
    const type = /^# TYPE ([a-z_]+) (counter|gauge|histogram)$/.exec(line);
    if (type !== null) {
      expect(types.has(type[1] ?? ''), line).toBe(false);
      types.set(type[1] ?? '', type[2] ?? '');
      continue;
    }
    if (/^# HELP [a-z_]+ .+$/.test(line)) continue;
    const sample = /^([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)+)\})? (-?[0-9.e+-]+)$/.exec(line);
    if (sample === null) throw new Error(`not a sample: ${line}`);
    const labels: Record<string, string> = {};
    for (const [, key, value] of (sample[2] ?? '').matchAll(/([a-z]+)="((?:[^"\\]|\\.)*)"/g)) {
      labels[key ?? ''] = value ?? '';
    }
    samples.push({ name: sample[1] ?? '', labels, value: Number(sample[3]) });
  }
  return { samples, types };
}

async function scrape(): Promise<Sample[]> {
  const response = await ask('/metrics', { token: await tokenFor() });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  return parseProm(await response.text()).samples;
}

function valueOf(samples: Sample[], name: string, labels: Record<string, string> = {}): number {
  const found = samples.find(
    (each) =>
      each.name === name && Object.entries(labels).every(([key, value]) => each.labels[key] === value),
  );
  return found?.value ?? 0;
}

describe('/metrics', () => {
  it('counts what happened, and shows the hosts', async () => {
    const before = await scrape();
    const token = await tokenFor(newUser());
    const { id } = await createSession(token);
    await ask(`/api/v1/sessions/${id}/terminals`, { method: 'POST', token, body: {} });
    await ask(`/api/v1/sessions/${id}`, { method: 'DELETE', token });
    await ask(`/api/v1/sessions/${id}`, { token });
    await joinRegion(env.DEFAULT_REGION);
    const after = await scrape();
    const grown = (name: string, labels?: Record<string, string>) =>
      valueOf(after, name, labels) - valueOf(before, name, labels);
    expect(grown('alex_sessions_created_total')).toBe(1);
    expect(grown('alex_sessions_deleted_total')).toBe(1);
    expect(grown('alex_terminals_opened_total')).toBe(1);
    expect(grown('alex_websocket_connections_total', { door: 'host' })).toBe(1);
    expect(grown('alex_errors_total', { code: 'not-found' })).toBe(1);
    const route = '/api/v1/sessions/:id';
    expect(grown('alex_http_requests_total', { route, method: 'GET', status: '4xx' })).toBe(1);
    expect(grown('alex_http_requests_total', { route, method: 'DELETE', status: '2xx' })).toBe(1);
    expect(grown('alex_http_request_duration_seconds_count')).toBeGreaterThanOrEqual(5);
    expect(valueOf(after, 'alex_host_up', { host: 'test-host', region: env.DEFAULT_REGION })).toBe(1);
    expect(valueOf(after, 'alex_host_capacity', { host: 'test-host' })).toBe(2);
  });

  it('has no label from a caller: neither paths nor methods', async () => {
    await ask('/api/v1/sessions/secret-in-a-path', { token: await tokenFor() });
    await ask('/secret-elsewhere?token=secret-in-a-query');
    await ask('/healthz', { method: 'PROPFIND' });
    const response = await ask('/metrics', { token: await tokenFor() });
    const text = await response.text();
    expect(text).not.toContain('secret');
    expect(text).not.toContain('PROPFIND');
  });
});

describe('the metrics actor', () => {
  it('adds up, also for batches at the same time', async () => {
    const before = (await readMetrics(env.METRICS))['alex_sessions_created_total'] ?? 0;
    const batch: Increment[] = [['alex_sessions_created_total', [], 2]];
    await Promise.all(Array.from({ length: 10 }, () => addMetrics(env.METRICS, batch)));
    expect((await readMetrics(env.METRICS))['alex_sessions_created_total']).toBe(before + 20);
  });

  it('takes a full batch, and refuses one that is too large or not of its kind', async () => {
    const full = Array.from({ length: MAX_BATCH }, (): Increment => [
      'alex_errors_total',
      ['x'.repeat(80)],
      1,
    ]);
    await addMetrics(env.METRICS, full);
    await expect(addMetrics(env.METRICS, [...full, ...full])).rejects.toThrow();
    await expect(addMetrics(env.METRICS, [['alex_errors_total', ['x'], -1]])).rejects.toThrow();
  });
});

describe('counters', () => {
  it('keep a bounded number of series', () => {
    const series: Series = {};
    const many = Array.from({ length: MAX_SERIES + 5 }, (_, i): Increment => [
      'alex_errors_total',
      [`c${i}`],
      1,
    ]);
    expect(addAll(series, many)).toBe(5);
    expect(addAll(series, [['alex_errors_total', ['c0'], 1]])).toBe(0);
    expect(series[seriesKey('alex_errors_total', ['c0'])]).toBe(2);
  });

  it('are well-formed text whatever the label, and the histogram is cumulative', () => {
    const series: Series = {};
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (label) => {
        const own: Series = {};
        addAll(own, [['alex_errors_total', [label.replaceAll('\r', '')], 1]]);
        const { samples } = parseProm(prometheusText(own, []));
        expect(samples.find(({ name }) => name === 'alex_errors_total')?.labels['code']).toBe(
          escapeLabel(label.replaceAll('\r', '')),
        );
      }),
    );
    addAll(series, [
      ['alex_http_request_duration_seconds_bucket', ['0.01'], 3],
      ['alex_http_request_duration_seconds_bucket', ['0.5'], 2],
      ['alex_http_request_duration_seconds_count', [], 6],
      ['alex_http_request_duration_seconds_sum', [], 21.5],
    ]);
    const { samples, types } = parseProm(prometheusText(series, []));
    expect(types.get('alex_http_request_duration_seconds')).toBe('histogram');
    const bucket = (le: string) => valueOf(samples, 'alex_http_request_duration_seconds_bucket', { le });
    expect([
      bucket('0.005'),
      bucket('0.01'),
      bucket('0.25'),
      bucket('0.5'),
      bucket('10'),
      bucket('+Inf'),
    ]).toEqual([0, 3, 3, 5, 5, 6]);
  });
});
