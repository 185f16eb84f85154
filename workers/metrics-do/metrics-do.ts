import { createDurable } from 'itty-durable';
import { addAll, Batch, type Series } from './counters.ts';

/**
 * Counters behind /metrics, one actor for the deployment. Built on itty-durable, whose `fetch` lets whoever reaches it
 * call any method: only {@link ../metrics-do/metrics-client.ts} talks to it, and a user's request never does.
 * Persisted after each call; a batch in flight when an isolate dies is lost, which counters can bear.
 */
export class MetricsDO extends createDurable({ autoPersist: true }) {
  /** Own enumerable members are what itty-durable stores. */
  series: Series = {};

  /** Adds a batch of increments. Answers how many were dropped because there are too many series. */
  add(batch: unknown): { dropped: number } {
    return { dropped: addAll(this.series, Batch.parse(batch)) };
  }

  /** All series and their values. */
  read(): Series {
    return this.series;
  }
}
