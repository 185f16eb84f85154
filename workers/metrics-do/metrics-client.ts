import { proxyDurable } from 'itty-durable';
import { z } from 'zod';
import type { Increment, Series } from './counters.ts';

/** The one metrics actor. */
const ACTOR_NAME = 'metrics';

interface MetricsProxy {
  add(batch: readonly Increment[]): Promise<unknown>;
  read(): Promise<unknown>;
}

function proxy(binding: DurableObjectNamespace): MetricsProxy {
  // A Proxy whose every member is a remote method; itty-durable types it loosely.
  return proxyDurable(binding, { name: 'METRICS', parse: true }).get(ACTOR_NAME) as MetricsProxy;
}

/** Adds increments (at most MAX_BATCH). Rejects when the actor cannot be reached. */
export async function addMetrics(
  binding: DurableObjectNamespace,
  batch: readonly Increment[],
): Promise<void> {
  await proxy(binding).add(batch);
}

/** All series. Rejects when the actor cannot be reached. */
export async function readMetrics(binding: DurableObjectNamespace): Promise<Series> {
  return z.record(z.string(), z.number()).parse(await proxy(binding).read());
}
