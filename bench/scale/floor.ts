import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Miniflare } from 'miniflare';
import WebSocket from 'ws';
import { until } from '../../test/support/deadline.ts';
import { descendants } from '../../test/support/processes.ts';
import { factsOf, perEach, type ProcessFacts } from './process-facts.ts';

/** The least there can be: an actor with SQLite on disk that accepts one socket, stores one value and does nothing more. */
const WORKER = `
import { DurableObject } from 'cloudflare:workers';
export class Floor extends DurableObject {
  fetch() {
    this.ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS t (a)');
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }
  webSocketMessage() {}
}
export default { fetch: (request, env) => env.FLOOR.get(env.FLOOR.idFromName(new URL(request.url).pathname)).fetch(request) };
`;
const CONNECT_AT_ONCE = 32;
const ASLEEP_TIMEOUT_MS = 40_000;

/** What each such actor adds to workerd. */
export interface Floor {
  awake: ProcessFacts;
  asleep: ProcessFacts;
}

/** What each of `count` such actors adds to workerd, awake and asleep. */
export async function measureFloor(count: number): Promise<Floor> {
  const data = mkdtempSync(join(tmpdir(), 'alex-floor-'));
  const miniflare = new Miniflare({
    telemetry: { enabled: false },
    resourcePersistencePath: data,
    workers: [
      {
        config: {
          name: 'floor',
          compatibilityDate: '2026-10-01',
          manifest: {
            ...{ mainModule: 'index.js', modulesRoot: '/' },
            modules: { 'index.js': { type: 'esm', contents: WORKER } },
          },
          env: { FLOOR: { type: 'durable-object', worker: 'floor', exportName: 'Floor' } },
          exports: { Floor: { type: 'durable-object', storage: 'sqlite' } },
        },
        // With nothing before it, as ours is served.
        dev: { unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }] },
      },
    ],
  });
  const sockets: WebSocket[] = [];
  try {
    await miniflare.ready;
    const url = await miniflare.unsafeGetDirectURL('floor');
    await fetch(new URL('/warm-up', url)).catch(() => null);
    const pid = descendants(process.pid).findLast(({ commandLine }) =>
      /workerd.* serve /.test(commandLine),
    )?.pid;
    if (pid === undefined) throw new Error('There is no workerd.');
    const base = factsOf(pid);
    let next = 0;
    const connect = async (): Promise<void> => {
      while (next < count) {
        const socket = new WebSocket(new URL(`/${next++}`, url).href.replace('http', 'ws'));
        sockets.push(socket);
        await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
      }
    };
    await Promise.all(Array.from({ length: CONNECT_AT_ONCE }, connect));
    const awake = perEach(factsOf(pid), base, count);
    const asleep = (): boolean => perEach(factsOf(pid), base, count).descriptors < 2.5;
    await until(asleep, ASLEEP_TIMEOUT_MS, 'the sleep of empty actors');
    return { awake, asleep: perEach(factsOf(pid), base, count) };
  } finally {
    for (const socket of sockets) socket.terminate();
    await miniflare.dispose();
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  }
}
