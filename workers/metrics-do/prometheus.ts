import { isolate } from '../shared/isolate.ts';
import type { HostSummary } from '../shared/rpc.ts';
import { COUNTERS, escapeLabel, LATENCY_BUCKETS_S, type Series } from './counters.ts';

const HISTOGRAM = 'alex_http_request_duration_seconds';

/** The text exposition format, version 0.0.4: counters, the latency histogram and the hosts' gauges. */
export function prometheusText(series: Series, hosts: readonly HostSummary[]): string {
  const lines: string[] = [];
  const entries = Object.entries(series).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, { help }] of Object.entries(COUNTERS)) {
    if (name.startsWith(HISTOGRAM)) continue;
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} counter`);
    const own = entries.filter(([key]) => key === name || key.startsWith(`${name}{`));
    for (const [key, value] of own) lines.push(`${key} ${value}`);
  }
  lines.push(...histogram(series), ...ofIsolate(), ...ofCaches(), ...hostGauges(hosts));
  return `${lines.join('\n')}\n`;
}

function histogram(series: Series): string[] {
  const help = COUNTERS.alex_http_request_duration_seconds_bucket.help;
  const lines = [`# HELP ${HISTOGRAM} ${help}`, `# TYPE ${HISTOGRAM} histogram`];
  // Increments name the one bucket an answer fell into; the format wants them cumulative.
  let below = 0;
  for (const bound of LATENCY_BUCKETS_S) {
    below += series[`${HISTOGRAM}_bucket{le="${bound}"}`] ?? 0;
    lines.push(`${HISTOGRAM}_bucket{le="${bound}"} ${below}`);
  }
  const count = series[`${HISTOGRAM}_count`] ?? 0;
  lines.push(
    `${HISTOGRAM}_bucket{le="+Inf"} ${count}`,
    `${HISTOGRAM}_sum ${series[`${HISTOGRAM}_sum`] ?? 0}`,
    `${HISTOGRAM}_count ${count}`,
  );
  return lines;
}

function ofIsolate(): string[] {
  const name = 'alex_isolate_session_actor_starts_total';
  return [
    `# HELP ${name} Session actors created, restarted or woken in the isolate that answers.`,
    `# TYPE ${name} counter`,
    `${name} ${isolate.sessionActorStarts}`,
  ];
}

function ofCaches(): string[] {
  const name = 'alex_isolate_cache_lookups_total';
  return [
    `# HELP ${name} Questions about who may do what, in the isolate that answers, by cache and whether it had the answer.`,
    `# TYPE ${name} counter`,
    ...Object.entries(isolate.caches).flatMap(([cache, { hits, misses }]) => [
      `${name}{cache="${cache}",result="hit"} ${hits}`,
      `${name}{cache="${cache}",result="miss"} ${misses}`,
    ]),
  ];
}

function hostGauges(hosts: readonly HostSummary[]): string[] {
  const gauges: [string, string, (host: HostSummary) => number][] = [
    ['alex_host_up', 'Whether the host takes new sessions.', (host) => (host.state === 'healthy' ? 1 : 0)],
    ['alex_host_sessions', 'Sessions linked to the host.', (host) => host.sessions],
    ['alex_host_capacity', 'Sessions the host takes.', (host) => host.capacity],
    ['alex_host_cpu_load', 'CPU load the host reports.', (host) => host.cpuLoad],
  ];
  return gauges.flatMap(([name, help, value]) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...hosts.map(
      (host) =>
        `${name}{host="${escapeLabel(host.hostId)}",region="${escapeLabel(host.region)}"} ${value(host)}`,
    ),
  ]);
}
