import { Agent, request } from 'node:http';
import { type Percentiles, percentiles } from '../statistics.ts';

/** One kind of request. */
export interface Ask {
  method: string;
  url: string;
  token?: string;
  body?: string;
  /** The status that counts as an answer; any other ends the run. */
  status: number;
  /** What its asker does with the body of the answer; not in the times. */
  then?: (body: string) => Promise<void>;
}

/** Times in milliseconds. */
export interface Load {
  latencyMs: Percentiles;
  perSecond: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Sends a request and waits for the end of its answer. Out: its body. */
export function send({ method, url, token, body, status }: Ask): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length }),
  };
  const sent = request(url, { method, agent, headers }, (answer) => {
    const parts: Buffer[] = [];
    answer.on('data', (part: Buffer) => parts.push(part));
    answer.once('end', () => {
      if (answer.statusCode === status) resolve(Buffer.concat(parts).toString());
      else reject(new Error(`${method} ${url} answered ${String(answer.statusCode)}`));
    });
  });
  sent.once('error', reject);
  sent.end(body);
  return promise;
}

/** One request after the other, the kinds taking turns, so that whatever the machine does meets all alike. */
export async function inTurns(rounds: number, kinds: readonly (() => Ask)[]): Promise<Percentiles[]> {
  const times: number[][] = kinds.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, kind] of kinds.entries()) times[at]?.push(await timed(kind()));
  }
  return times.map(percentiles);
}

/** As many requests as `concurrency` callers get answered one after the other. */
export async function closedLoop(count: number, concurrency: number, next: () => Ask): Promise<Load> {
  const times: number[] = [];
  const startedMs = performance.now();
  let left = count;
  const caller = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      times.push(await timed(next()));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  return { latencyMs: percentiles(times), perSecond: (1_000 * count) / (performance.now() - startedMs) };
}

/** Requests at a steady rate, whether or not earlier ones were answered; each is timed from when it was due. */
export async function openLoop(perSecond: number, seconds: number, next: () => Ask): Promise<Load> {
  const times: number[] = [];
  const pending: Promise<void>[] = [];
  const startedMs = performance.now();
  for (let count = 0; count < perSecond * seconds; count += 1) {
    const dueMs = startedMs + (1_000 * count) / perSecond;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    // A timer fires up to a millisecond late; that is the generator's, not the edge's.
    const begunMs = waitMs > 0 ? performance.now() : dueMs;
    pending.push(timed(next(), begunMs).then((tookMs) => void times.push(tookMs)));
  }
  await Promise.all(pending);
  const tookMs = performance.now() - startedMs;
  return { latencyMs: percentiles(times), perSecond: (1_000 * times.length) / tookMs };
}

async function timed(ask: Ask, begunMs = performance.now()): Promise<number> {
  const answer = await send(ask);
  const tookMs = performance.now() - begunMs;
  await ask.then?.(answer);
  return tookMs;
}
