import { z } from 'zod';

/** Upper bounds of the latency histogram, in seconds. */
export const LATENCY_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** Every counter by its Prometheus name, with its help and the labels it may have. */
export const COUNTERS = {
  alex_http_requests_total: { help: 'HTTP requests answered.', labels: ['route', 'method', 'status'] },
  alex_http_request_duration_seconds_bucket: {
    help: 'Time to answer an HTTP request.',
    labels: ['le'],
  },
  alex_http_request_duration_seconds_sum: { help: '', labels: [] },
  alex_http_request_duration_seconds_count: { help: '', labels: [] },
  alex_websocket_connections_total: { help: 'WebSockets accepted.', labels: ['door'] },
  alex_sessions_created_total: { help: 'Sessions created.', labels: [] },
  alex_sessions_deleted_total: { help: 'Sessions deleted.', labels: [] },
  alex_terminals_opened_total: { help: 'Terminals opened through the HTTP API.', labels: [] },
  alex_errors_total: { help: 'Requests that ended in an error, by code.', labels: ['code'] },
} as const satisfies Record<string, { help: string; labels: readonly string[] }>;
export type CounterName = keyof typeof COUNTERS;

const NAMES = Object.keys(COUNTERS) as CounterName[];
const CounterName = z.enum(NAMES);

/** One increment: counter, its label values in the declared order, and by how much. */
export const Increment = z.tuple([CounterName, z.array(z.string().max(80)).max(3), z.number().min(0)]);
export type Increment = z.infer<typeof Increment>;
/** What one call to the metrics actor may carry: it travels in a header. */
export const MAX_BATCH = 60;
export const Batch = z.array(Increment).max(MAX_BATCH);
/** Different label sets kept; more are dropped, so that no caller can grow the actor without bound. */
export const MAX_SERIES = 2_000;

/** Counter values by {@link seriesKey}. */
export type Series = Record<string, number>;

/** Key of one series, which is also its line in the Prometheus text format, without the value. */
export function seriesKey(name: CounterName, values: readonly string[]): string {
  const labels: readonly string[] = COUNTERS[name].labels;
  if (labels.length === 0) return name;
  return `${name}{${labels.map((label, i) => `${label}="${escapeLabel(values[i] ?? '')}"`).join(',')}}`;
}

/** Label values as the text format wants them; ASCII, because increments travel in a header. */
export function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** Adds increments to the series, in place. Returns how many were dropped for want of room. */
export function addAll(series: Series, batch: readonly Increment[]): number {
  let room = MAX_SERIES - Object.keys(series).length;
  let dropped = 0;
  for (const [name, values, by] of batch) {
    const key = seriesKey(name, values);
    const current = series[key];
    if (current === undefined) {
      if (room <= 0) {
        dropped += 1;
        continue;
      }
      room -= 1;
    }
    series[key] = (current ?? 0) + by;
  }
  return dropped;
}
