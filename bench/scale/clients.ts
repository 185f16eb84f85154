import { setTimeout as delay } from 'node:timers/promises';
import { Api, ApiError } from '../../client/index.ts';
import { BenchSession } from './bench-session.ts';
import { Order } from './protocol.ts';

/** A process full of viewers, told over IPC what to do. Arguments: URL, token, number of its first session. */
const [url = '', token = '', first = '0'] = process.argv.slice(2);
const LINE_BYTES = 40;
const api = new Api(url, token);
const sessions: BenchSession[] = [];

process.on('message', (message) => {
  const order = Order.parse(message);
  carryOut(order).then(
    (samplesMs) => process.send?.({ id: order.id, samplesMs, ...counts() }),
    (error: unknown) => process.send?.({ id: order.id, error: String(error), ...counts() }),
  );
});
process.on('disconnect', () => process.exit(0));

async function carryOut(order: Order): Promise<number[]> {
  switch (order.what) {
    case 'start':
      return each(order.concurrency, order.count, async (i) => {
        const startedAtMs = performance.now();
        const { id } = await createSession(`scale ${i}`);
        const session = new BenchSession(api, id, Number(first) + i);
        sessions.push(session);
        await session.start();
        await session.type(LINE_BYTES);
        return performance.now() - startedAtMs;
      });
    case 'echo': {
      const untilMs = performance.now() + order.forMs;
      const active = sessions.slice(0, order.sessions).map(async (session, i) => {
        await delay((order.everyMs * i) / order.sessions);
        const samplesMs: number[] = [];
        while (performance.now() < untilMs) {
          samplesMs.push(await session.type(1));
          await delay(order.everyMs);
        }
        return samplesMs;
      });
      return (await Promise.all(active)).flat();
    }
    case 'first-keys':
      return each(1, order.sessions, async (i) => sessions[order.from + i]?.type(1) ?? 0);
    case 'recover': {
      const startedAtMs = performance.now();
      return Promise.all(
        sessions.map((session) => session.whenConnected().then(() => performance.now() - startedAtMs)),
      );
    }
    case 'verify':
      return each(
        order.concurrency,
        sessions.length,
        async (i) => sessions[i]?.type(LINE_BYTES) ?? 0,
        order.perS,
      );
    case 'count':
      return [];
  }
}

/** Comes again when the edge says, as whoever it has no room for is told to: it has some once others are asleep. */
async function createSession(name: string): Promise<{ id: string }> {
  for (;;) {
    try {
      return await api.createSession({ name });
    } catch (error) {
      if (!(error instanceof ApiError) || error.retryAfterMs === 0) throw error;
      await delay(error.retryAfterMs);
    }
  }
}

/** Does it `count` times, so many at once, and so many a second at most. */
async function each(
  concurrency: number,
  count: number,
  task: (index: number) => Promise<number>,
  perS = Infinity,
): Promise<number[]> {
  const startedAtMs = performance.now();
  const samples: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const earlyMs = startedAtMs + (1000 * index) / perS - performance.now();
      if (earlyMs > 0) await delay(earlyMs);
      samples.push(await task(index));
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, worker));
  return samples;
}

function counts() {
  const sum = (of: (session: BenchSession) => number): number =>
    sessions.reduce((total, session) => total + of(session), 0);
  return {
    sessions: sessions.length,
    connected: sum(({ connected }) => Number(connected)),
    resting: sum(({ resting }) => Number(resting)),
    wrongBytes: sum(({ wrongBytes }) => wrongBytes),
    missingBytes: sum(({ missingBytes }) => missingBytes),
    screens: sum(({ screens }) => screens),
  };
}
