import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SessionToViewer } from '../../protocol/messages/viewer.ts';
import { canonicalJson } from '../../protocol/sync/json.ts';
import { type Question, Replica } from '../../protocol/sync/replica.ts';
import { SharedState } from '../../protocol/sync/shared-state.ts';
import { z } from 'zod';
import { ask } from '../testing/api.ts';
import { PlayedHost, PlayedSession, type Viewer } from '../testing/session.ts';
import { vaultOf } from '../testing/vault.ts';
import { MAX_EVENTS } from './limits.ts';
import { sealedEvents } from './sealed.ts';

let host: PlayedHost;
let session: PlayedSession;

interface Follower {
  viewer: Viewer;
  replica: Replica;
  /** What it had to ask. */
  asked: Question[];
}

/** A viewer that follows the shared state, checking it with every event; goes on with a replica it has. */
async function follow(replica = new Replica()): Promise<Follower> {
  const asked: Question[] = [];
  const heard = (message: SessionToViewer, viewer: Viewer): void => {
    const outcome = said(replica, message);
    if (outcome === null || outcome.ask === null) return;
    asked.push(outcome.ask);
    viewer.send(outcome.ask);
  };
  const viewer = await session.view(undefined, { version: replica.version, heard });
  return { viewer, replica, asked };
}

function said(replica: Replica, message: SessionToViewer) {
  switch (message.type) {
    case 'welcome':
      if (message.state !== undefined) return replica.state({ ...message, state: message.state });
      return replica.events(message.events ?? [], message.version);
    case 'event':
      return replica.event(message.event);
    case 'events':
      return replica.events(message.events, message.version);
    case 'state':
      return replica.state(message);
    default:
      return null;
  }
}

const get = (path: string): Promise<Response> =>
  ask(`/api/v1/sessions/${session.id}${path}`, { token: session.token });

const rename = async (name: string): Promise<void> => {
  const answer = await ask(`/api/v1/sessions/${session.id}`, {
    ...{ method: 'PATCH', token: session.token, body: { name } },
  });
  expect(answer.status).toBe(200);
};

const nameIn = (replica: Replica): string => SharedState.parse(replica.document).session.name;
const whenNamed = ({ viewer, replica }: Follower, name: string): Promise<true> =>
  viewer.until(() => (nameIn(replica) === name ? true : undefined), `the name ${name}`);

/** A session whose sandbox is ready, so that nothing happens by itself. */
beforeEach(async () => {
  host = await PlayedHost.join();
  session = await PlayedSession.create();
  await host.serve(session.id);
  const ready = async (): Promise<boolean> =>
    z.object({ status: z.string() }).parse(await (await get('')).json()).status === 'running';
  await expect.poll(ready).toBe(true);
});

describe('the shared state', () => {
  it('is the same at every client after every change, and never has to be asked for', async () => {
    const first = await follow();
    const { channel } = await first.viewer.open();
    const second = await follow();
    await host.opened(channel);
    await session.member('viewer');
    first.viewer.send({ type: 'terminal.rename', channel, title: 'build' });
    host.data.send({ type: 'terminal.resized', channel, cols: 132, rows: 43, offset: 0 });
    host.data.send({ type: 'usage', requestId: 'u', cpuMs: 7, memoryBytes: 1, diskBytes: 2, processes: 3 });
    host.exit(channel, 3);
    await first.viewer.until(
      () => SharedState.parse(first.replica.document).terminals[channel]?.exit?.exitCode === 3 || undefined,
      'the end of the terminal',
    );
    await rename('last');
    await Promise.all([whenNamed(first, 'last'), whenNamed(second, 'last')]);
    const state = SharedState.parse(first.replica.document);
    expect(state).toMatchObject({
      host: { state: 'connected', message: null },
      session: { name: 'last', status: 'running', resources: { cpuMs: 7 } },
      terminals: { [channel]: { title: 'build', cols: 132, rows: 43, state: 'exited' } },
    });
    expect(Object.keys(state.members)).toHaveLength(2);
    expect(canonicalJson(first.replica.document ?? {})).toBe(canonicalJson(second.replica.document ?? {}));
    expect([...first.asked, ...second.asked]).toEqual([]);
  });

  it('goes on from the version a client has, by the events alone', async () => {
    const before = await follow();
    before.viewer.socket.close(1000, 'bye');
    await rename('meanwhile');
    const again = await session.view(undefined, { version: before.replica.version, keepWelcome: true });
    const welcome = await again.take('welcome');
    expect(welcome.state).toBeUndefined();
    said(before.replica, welcome);
    expect(nameIn(before.replica)).toBe('meanwhile');
  });

  it('is proved current by a heartbeat, which is no event of the log', async () => {
    const client = await follow();
    client.viewer.send({ type: 'sync.check' });
    const { event } = await client.viewer.take('event');
    expect(event).toMatchObject({ kind: 'HEARTBEAT', delta: {}, version: client.replica.version });
    expect(event.checksum).toBe(client.replica.checksum);
    client.viewer.send({ type: 'sync.check' });
    expect((await client.viewer.take('event')).event.version).toBe(event.version);
  });

  it('is durable when it is told: eviction and a crash between any two events lose none', async () => {
    const client = await follow();
    for (let round = 0; round < 3; round++) {
      await rename(`evicted ${round}`);
      await evictDurableObject(session.actor);
    }
    await whenNamed(client, 'evicted 2');
    const told = client.replica.version;
    // A crash right after the change: whoever was told of it must find it there.
    await runInDurableObject(session.actor, (_actor, ctx) => ctx.abort('test')).catch(() => undefined);
    expect(await client.viewer.closed()).toBeGreaterThan(0);
    const back = await follow(client.replica);
    await rename('after');
    await whenNamed(back, 'after');
    const fresh = await follow();
    expect(fresh.replica.version).toBeGreaterThan(told);
    expect(canonicalJson(fresh.replica.document ?? {})).toBe(canonicalJson(back.replica.document ?? {}));
    expect(back.asked).toEqual([]);
  });

  it('comes whole when the log does not reach back', async () => {
    await rename('new');
    await runInDurableObject(session.actor, (_actor, ctx) => {
      ctx.storage.sql.exec('DELETE FROM events WHERE seq < (SELECT max(seq) FROM events)');
    });
    const viewer = await session.view();
    viewer.send({ type: 'events.since', version: 0 });
    expect((await viewer.take('state')).state).toMatchObject({ session: { name: 'new' } });
    const late = await session.view(undefined, { version: 1, keepWelcome: true });
    const welcome = await late.take('welcome');
    expect(welcome.version > 2 ? welcome.state : welcome.events).toBeDefined();
    // What is left is still served.
    viewer.send({ type: 'events.since', version: welcome.version - 1 });
    expect((await viewer.take('events')).events).toHaveLength(1);
  });

  it('told otherwise by the rows than by the log is an event without a delta', async () => {
    const client = await follow();
    await runInDurableObject(session.actor, (_actor, ctx) => {
      // As a new release does that sees other things in the same rows.
      ctx.storage.sql.exec('UPDATE session SET ttl_ms = 1234567');
    });
    await evictDurableObject(session.actor);
    client.viewer.send({ type: 'sync.check' });
    const isNew = (): boolean => SharedState.parse(client.replica.document).session.ttlMs === 1234567;
    await client.viewer.until(() => (isNew() ? true : undefined), 'the new state');
    expect(client.asked).toContainEqual({ type: 'state.get' });
  });
});

describe('the log', () => {
  it('is bounded, and gapless to its end', async () => {
    await runInDurableObject(session.actor, async (_actor, ctx) => {
      const { sql } = ctx.storage;
      const event = { data: {}, delta: {}, checksum: '' };
      const last = sealedEvents(await vaultOf(session, sql)).seal(MAX_EVENTS + 198, event);
      sql.exec('DELETE FROM events');
      sql.exec(
        `WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?)
         INSERT INTO events (seq, at_ms, kind, subject, content) SELECT i, 0, 'UPDATE', 'test', ? FROM n`,
        ...[100, MAX_EVENTS + 198, last.buffer],
      );
      sql.exec('UPDATE session SET last_seq = ?', MAX_EVENTS + 198);
    });
    await evictDurableObject(session.actor);
    // Taken up, restated, and changed once more: the next hundred is full.
    await rename('full');
    await runInDurableObject(session.actor, (_actor, ctx) => {
      const kept = ctx.storage.sql.exec('SELECT count(*) n, min(seq) low, max(seq) high FROM events').one();
      expect(kept).toEqual({ n: MAX_EVENTS, low: 201, high: MAX_EVENTS + 200 });
    });
  });
});
