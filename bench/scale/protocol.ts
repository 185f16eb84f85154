import { z } from 'zod';

/** What the bench asks of a process with clients; answered by one {@link Answer} with the same id. */
export const Order = z.discriminatedUnion('what', [
  /** Creates this many sessions, connects to each, opens its terminal and types a line. */
  z.object({ id: z.int(), what: z.literal('start'), count: z.int(), concurrency: z.int() }),
  /** Types one key after the other into the first `sessions`, for so long; milliseconds of each key. */
  z.object({ id: z.int(), what: z.literal('echo'), sessions: z.int(), forMs: z.int(), everyMs: z.int() }),
  /** One key in each of `sessions` from `from` on, one after the other; milliseconds of each. */
  z.object({ id: z.int(), what: z.literal('first-keys'), from: z.int(), sessions: z.int() }),
  /** Until all are connected again; milliseconds of each. */
  z.object({ id: z.int(), what: z.literal('recover') }),
  /** Types a line into every session, so many a second, and checks everything that ever came back. */
  z.object({ id: z.int(), what: z.literal('verify'), concurrency: z.int(), perS: z.number() }),
  z.object({ id: z.int(), what: z.literal('count') }),
]);
export type Order = z.infer<typeof Order>;

export const Answer = z.object({
  id: z.int(),
  /** Milliseconds of what was measured. */
  samplesMs: z.array(z.number()).default([]),
  sessions: z.int().default(0),
  connected: z.int().default(0),
  resting: z.int().default(0),
  wrongBytes: z.int().default(0),
  missingBytes: z.int().default(0),
  screens: z.int().default(0),
  error: z.string().optional(),
});
export type Answer = z.infer<typeof Answer>;
