import type { ErrorCode } from '../../protocol/messages/errors.ts';
import { type CounterName, type Increment, LATENCY_BUCKETS_S, MAX_BATCH } from '../metrics-do/counters.ts';
import { addMetrics } from '../metrics-do/metrics-client.ts';
import type { Env } from '../shared/env.ts';
import { createLogger } from '../shared/log.ts';

const log = createLogger('gateway');

/** Increments wait at most so long in the isolate... */
const FLUSH_EVERY_MS = 1_000;
/** ...and at most so many different ones; more are dropped. */
const MAX_PENDING = 500;
/** Methods that get a label of their own; callers may invent others. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'PUT']);

/**
 * Counts of this isolate that the metrics actor does not have yet. Lossy by design: what waits when the isolate dies
 * is gone.
 */
const pending = new Map<string, Increment>();
let flushAtMs = 0;

/** How long requests took, since the last flush. On the path of every request: no names, no maps. */
const latencies = { buckets: LATENCY_BUCKETS_S.map(() => 0), sumS: 0, count: 0 };

/** Adds to a counter. `ctx` keeps the isolate alive for the flush. */
export function count(
  env: Env,
  ctx: Pick<ExecutionContext, 'waitUntil'>,
  name: CounterName,
  labels: string[] = [],
  by = 1,
): void {
  const key = [name, ...labels].join('\n');
  const known = pending.get(key);
  if (known !== undefined) known[2] += by;
  else if (pending.size < MAX_PENDING) pending.set(key, [name, labels, by]);
  const nowMs = Date.now();
  // A clock set back must not stop the flushing.
  const due = nowMs >= flushAtMs || flushAtMs > nowMs + FLUSH_EVERY_MS;
  if (!due && pending.size < MAX_BATCH) return;
  flushAtMs = nowMs + FLUSH_EVERY_MS;
  ctx.waitUntil(flush(env));
}

/** Sends what waits. Never rejects: a failed batch is lost and logged. */
export async function flush(env: Env): Promise<void> {
  const batch = [...pending.values(), ...takeLatencies()];
  pending.clear();
  try {
    for (let from = 0; from < batch.length; from += MAX_BATCH) {
      await addMetrics(env.METRICS, batch.slice(from, from + MAX_BATCH));
    }
  } catch (error) {
    log('warn', 'metrics lost', { error: error instanceof Error ? error.message : String(error) });
  }
}

/** Counts one answered request. */
export function recordRequest(
  env: Env,
  ctx: Pick<ExecutionContext, 'waitUntil'>,
  request: { route: string; method: string; status: number; tookMs: number; code: ErrorCode | undefined },
): void {
  const method = METHODS.has(request.method) ? request.method : 'other';
  const seconds = request.tookMs / 1000;
  const bucket = LATENCY_BUCKETS_S.findIndex((bound) => seconds <= bound);
  if (bucket !== -1) latencies.buckets[bucket] = (latencies.buckets[bucket] ?? 0) + 1;
  latencies.sumS += seconds;
  latencies.count += 1;
  if (request.code !== undefined) count(env, ctx, 'alex_errors_total', [request.code]);
  const statusClass = `${Math.floor(request.status / 100)}xx`;
  count(env, ctx, 'alex_http_requests_total', [request.route, method, statusClass]);
}

/** The latencies as increments; they begin anew. */
function takeLatencies(): Increment[] {
  const histogram = 'alex_http_request_duration_seconds';
  const { sumS, count: answered } = latencies;
  if (answered === 0) return [];
  const buckets = LATENCY_BUCKETS_S.flatMap((bound, index): Increment[] => {
    const inIt = latencies.buckets[index] ?? 0;
    latencies.buckets[index] = 0;
    return inIt === 0 ? [] : [[`${histogram}_bucket`, [String(bound)], inIt]];
  });
  Object.assign(latencies, { sumS: 0, count: 0 });
  return [...buckets, [`${histogram}_sum`, [], sumS], [`${histogram}_count`, [], answered]];
}
