import { env, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { CloseCode } from '../../protocol/close-codes.ts';
import {
  HOST_CONTROL_BURST,
  HOST_HEARTBEAT_MS,
  HOST_LOST_MS,
  KEEPALIVE_PING,
  MAX_HOST_MESSAGE_BYTES,
} from '../../protocol/limits.ts';
import { newSessionId, randomId } from '../shared/ids.ts';
import type { HostSummary } from '../shared/rpc.ts';
import { DEPLOYMENT_STREAM } from '../../protocol/audit/entry.ts';
import { LOCAL_USER } from '../shared/auth.ts';
import { auditRows } from '../testing/audit.ts';
import { ask, expectProblem, tokenFor } from '../testing/api.ts';
import { dialControl, hello, joinRegion, type PlayedSocket, TEST_HOST_ID } from '../testing/host.ts';
import { HELLO_TIMEOUT_MS, MAX_VIOLATIONS } from './limits.ts';

/** A region nobody else in the tests has. */
const newRegion = (): string =>
  `r-${randomId(8)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '0')}`;
const regionOf = (name: string) => env.REGIONS.get(env.REGIONS.idFromName(name));
const heartbeat = { type: 'heartbeat', sessions: 0, cpuLoad: 0.25, freeMemoryBytes: 1e9, healthy: true };

async function place(
  region: string,
  sessionId = newSessionId(),
  epoch = 1,
  preferHostId: string | null = null,
) {
  return regionOf(region).place({ sessionId, epoch, ticket: 'ticket', preferHostId });
}

/** Waits until the region says something of its one host. */
async function hostIs(region: string, expected: Partial<HostSummary>): Promise<void> {
  await vi.waitFor(async () => expect((await regionOf(region).hosts())[0]).toMatchObject(expected), {
    timeout: 5_000,
    interval: 10,
  });
}

/** Placements the actor has, as [session, epoch]. */
async function placements(region: string): Promise<[string, number][]> {
  return runInDurableObject(regionOf(region), (_actor, state) =>
    z
      .array(z.object({ sessionId: z.string(), epoch: z.number() }))
      .parse(state.storage.sql.exec('SELECT * FROM placements').toArray())
      .map(({ sessionId, epoch }): [string, number] => [sessionId, epoch]),
  );
}

/** Runs the alarm as if so much time had passed. */
async function alarmAfter(region: string, ms: number): Promise<void> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
  expect(await runDurableObjectAlarm(regionOf(region))).toBe(true);
  vi.useRealTimers();
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a host', () => {
  it('joins, is listed, and hears of sessions placed on it', async () => {
    const region = newRegion();
    const host = await joinRegion(region);
    await hostIs(region, { hostId: TEST_HOST_ID, region, state: 'healthy', sessions: 0, capacity: 2 });
    const sessionId = newSessionId();
    expect(await place(region, sessionId, 3)).toEqual({ ok: true, value: { hostId: TEST_HOST_ID } });
    expect(await host.next()).toEqual({ type: 'place', sessionId, epoch: 3, ticket: 'ticket' });
  });

  it('is full at its capacity, counting what was placed since its heartbeat, and free again after one', async () => {
    const region = newRegion();
    const host = await joinRegion(region);
    expect([(await place(region)).ok, (await place(region)).ok]).toEqual([true, true]);
    expect(await place(region)).toMatchObject({ ok: false, code: 'no-host' });
    host.send({ ...heartbeat, sessions: 1 });
    await hostIs(region, { sessions: 1, cpuLoad: 0.25 });
    expect((await place(region)).ok).toBe(true);
  });

  it('gets nothing while it is unhealthy', async () => {
    const region = newRegion();
    const host = await joinRegion(region);
    host.send({ ...heartbeat, healthy: false });
    await hostIs(region, { state: 'unhealthy' });
    expect(await place(region)).toMatchObject({ ok: false, code: 'no-host' });
  });

  it('drains: keeps what it has, gets nothing new, until it starts anew', async () => {
    const region = newRegion();
    const host = await joinRegion(region);
    const token = await tokenFor();
    const kept = newSessionId();
    await place(region, kept);
    await host.next();
    const drain = (id: string) =>
      ask(`/api/v1/hosts/${id}/drain?region=${region}`, { method: 'POST', token, body: undefined });
    expect((await drain(TEST_HOST_ID)).status).toBe(204);
    expect(await host.next()).toMatchObject({ type: 'drain' });
    await vi.waitFor(async () => {
      const acts = (await auditRows(DEPLOYMENT_STREAM)).filter(({ action }) => action === 'host.drain');
      expect(acts.at(-1)).toMatchObject({
        actor: { userId: 'local' },
        target: { kind: 'host', id: TEST_HOST_ID },
      });
    });
    const listed = await (await ask(`/api/v1/hosts?region=${region}`, { token })).json();
    expect(listed).toMatchObject({ hosts: [{ hostId: TEST_HOST_ID, state: 'draining' }] });
    expect(await place(region)).toMatchObject({ ok: false, code: 'no-host' });
    // Its link was given back while it rested; its sandbox and its shells are there.
    expect(await place(region, kept, 2, TEST_HOST_ID)).toMatchObject({ ok: true });
    expect(await host.next()).toMatchObject({ type: 'place', sessionId: kept, epoch: 2 });
    // One that has only its files there gets a new sandbox, and that is refused.
    await regionOf(region).release({ sessionId: kept, epoch: 2, hostId: TEST_HOST_ID });
    expect(await host.next()).toMatchObject({ type: 'release' });
    expect(await place(region, kept, 3, TEST_HOST_ID)).toMatchObject({ ok: false, code: 'no-host' });
    await expectProblem(await drain('nobody'), 404, 'not-found');

    const same = await joinRegion(region);
    expect(await same.next()).toMatchObject({ type: 'drain' });
    await joinRegion(region, { incarnation: 'incarnation-2' });
    expect((await place(region)).ok).toBe(true);
  });

  it('that connects again replaces its older socket and stays placed', async () => {
    const region = newRegion();
    const older = await joinRegion(region);
    const newer = await joinRegion(region);
    expect((await older.closed()).code).toBe(CloseCode.Replaced);
    await hostIs(region, { state: 'healthy' });
    expect((await place(region)).ok).toBe(true);
    expect(await newer.next()).toMatchObject({ type: 'place' });
  });

  it('hears of releases', async () => {
    const region = newRegion();
    const host = await joinRegion(region);
    const sessionId = newSessionId();
    await place(region, sessionId, 1);
    await host.next();
    await regionOf(region).release({ sessionId, epoch: 1, hostId: TEST_HOST_ID });
    expect(await host.next()).toEqual({ type: 'release', sessionId, epoch: 1 });
    expect(await placements(region)).toEqual([]);
  });

  it('says when a session left; an older epoch says nothing', async () => {
    const region = newRegion();
    const host = await joinRegion(region);
    const sessionId = newSessionId();
    await place(region, sessionId, 2);
    host.send({ type: 'session.left', sessionId, epoch: 1 });
    host.send({ ...heartbeat, sessions: 1 });
    await hostIs(region, { sessions: 1 });
    expect(await placements(region)).toEqual([[sessionId, 2]]);
    host.send({ type: 'session.left', sessionId, epoch: 2 });
    await vi.waitFor(async () => expect(await placements(region)).toEqual([]));
  });
});

describe('epochs', () => {
  it('only rise', async () => {
    const region = newRegion();
    await joinRegion(region);
    const sessionId = newSessionId();
    expect((await place(region, sessionId, 5)).ok).toBe(true);
    expect(await place(region, sessionId, 4)).toMatchObject({ ok: false, code: 'stale-epoch' });
    expect(await placements(region)).toEqual([[sessionId, 5]]);
  });
});

describe('a host that goes', () => {
  it('gets nothing from the moment its socket closes; its sessions are told when it does not come back', async () => {
    const region = newRegion();
    const host = await joinRegion(region);
    const sessionId = newSessionId();
    await place(region, sessionId);
    host.socket.close(1000, 'bye');
    await hostIs(region, { state: 'lost' });
    expect(await place(region)).toMatchObject({ ok: false, code: 'no-host' });
    expect(await placements(region)).toEqual([[sessionId, 1]]);
    await alarmAfter(region, HOST_LOST_MS + 1);
    expect(await placements(region)).toEqual([]);
  });

  it('and comes back in time keeps its sessions', async () => {
    const region = newRegion();
    const host = await joinRegion(region);
    const sessionId = newSessionId();
    await place(region, sessionId);
    host.socket.close(1000, 'bye');
    await hostIs(region, { state: 'lost' });
    await joinRegion(region, { sessions: [{ sessionId, epoch: 1 }] });
    await alarmAfter(region, HOST_LOST_MS - 1_000);
    await hostIs(region, { state: 'healthy', sessions: 1 });
    expect(await placements(region)).toEqual([[sessionId, 1]]);
  });

  it('and comes back without a session has that session told at once', async () => {
    const region = newRegion();
    await joinRegion(region);
    const kept = newSessionId();
    await place(region, kept);
    await place(region);
    await joinRegion(region, { incarnation: 'incarnation-2', sessions: [{ sessionId: kept, epoch: 1 }] });
    await vi.waitFor(async () => expect(await placements(region)).toEqual([[kept, 1]]));
  });

  it('silently is found out in less than 20 s', async () => {
    const region = newRegion();
    const host = await joinRegion(region);
    await place(region);
    await alarmAfter(region, HOST_LOST_MS - 1_000);
    await hostIs(region, { state: 'healthy' });
    const dueAtMs = await runInDurableObject(regionOf(region), (_actor, state) => state.storage.getAlarm());
    expect((dueAtMs ?? Infinity) - Date.now()).toBeLessThan(20_000 - HOST_HEARTBEAT_MS + 1);
    await alarmAfter(region, HOST_LOST_MS + 1);
    expect((await host.closed()).code).toBe(CloseCode.GoingAway);
    await hostIs(region, { state: 'lost' });
    expect(await placements(region)).toEqual([]);
  });
});

describe('hibernation', () => {
  it('forgets nothing: load, placements, drain, and the host’s socket', async () => {
    const region = newRegion();
    const host = await joinRegion(region, { capacity: 3 });
    const sessionId = newSessionId();
    await place(region, sessionId);
    await host.next();
    host.send({ ...heartbeat, sessions: 1, cpuLoad: 0.5 });
    await hostIs(region, { sessions: 1, cpuLoad: 0.5 });
    await evictDurableObject(regionOf(region));
    await hostIs(region, { state: 'healthy', sessions: 1, cpuLoad: 0.5, capacity: 3 });
    expect((await place(region, sessionId, 2)).ok).toBe(true);
    expect(await host.next()).toEqual({ type: 'place', sessionId, epoch: 2, ticket: 'ticket' });
    await regionOf(region).drain(LOCAL_USER, TEST_HOST_ID);
    await evictDurableObject(regionOf(region));
    await hostIs(region, { state: 'draining' });
    host.send({ ...heartbeat, sessions: 2 });
    await hostIs(region, { sessions: 2 });
  });

  it('with sockets cut, as by a crash, starts the clock for the lost host', async () => {
    const region = newRegion();
    await joinRegion(region);
    await place(region);
    await evictDurableObject(regionOf(region), { webSockets: 'close' });
    await hostIs(region, { state: 'lost' });
    await alarmAfter(region, HOST_LOST_MS + 1);
    expect(await placements(region)).toEqual([]);
  });

  it('answers the keepalive', async () => {
    const host = await joinRegion(newRegion());
    const pong = new Promise((resolve) => {
      host.socket.addEventListener('message', ({ data }) => resolve(data), { once: true });
    });
    host.send(KEEPALIVE_PING);
    expect(await pong).toBe('pong');
  });
});

describe('bad messages', () => {
  async function errorOf(host: PlayedSocket, message: unknown): Promise<string> {
    host.send(message);
    const answer = await host.next();
    return answer.type === 'error' ? answer.code : answer.type;
  }

  it('get typed errors, and the host goes on', async () => {
    const region = newRegion();
    const host = await joinRegion(region);
    expect(await errorOf(host, 'no json')).toBe('message-not-json');
    expect(await errorOf(host, { type: 'nonsense' })).toBe('message-invalid');
    expect(await errorOf(host, { ...heartbeat, sessions: 'many' })).toBe('message-invalid');
    host.socket.send(new Uint8Array([1, 2, 3]));
    expect(await host.next()).toMatchObject({ type: 'error', code: 'frame-kind-not-allowed' });
    expect((await place(region)).ok).toBe(true);
  });

  it('before hello get nowhere', async () => {
    const region = newRegion();
    const host = await dialControl(region);
    expect(await errorOf(host, heartbeat)).toBe('hello-expected');
    expect(await place(region)).toMatchObject({ ok: false, code: 'no-host' });
    expect(await regionOf(region).hosts()).toEqual([]);
  });

  it('may not name another host or region', async () => {
    const region = newRegion();
    const host = await dialControl(region);
    expect(await errorOf(host, hello(region, { hostId: 'another' }))).toBe('forbidden');
    expect(await errorOf(host, hello('elsewhere'))).toBe('forbidden');
    expect(await regionOf(region).hosts()).toEqual([]);
  });

  it('end the socket when there are too many, too large or too fast', async () => {
    const region = newRegion();
    const many = await dialControl(region);
    for (let i = 0; i < MAX_VIOLATIONS; i += 1) many.send('no json');
    expect((await many.closed()).code).toBe(CloseCode.ProtocolError);
    const large = await dialControl(region);
    large.send('x'.repeat(MAX_HOST_MESSAGE_BYTES + 1));
    expect((await large.closed()).code).toBe(CloseCode.ProtocolError);
    const fast = await joinRegion(region);
    for (let i = 0; i < HOST_CONTROL_BURST + 1_000; i += 1) fast.send(heartbeat);
    expect((await fast.closed()).code).toBe(CloseCode.RateLimited);
    await hostIs(region, { state: 'lost' });
  });

  it('none at all: a socket without hello is closed', async () => {
    const region = newRegion();
    const host = await dialControl(region);
    await alarmAfter(region, HELLO_TIMEOUT_MS + 1);
    expect((await host.closed()).code).toBe(CloseCode.ProtocolError);
  });

  it('is not open to anything but the gateway’s host door', async () => {
    const response = await regionOf(newRegion()).fetch('https://edge.test/host/v1/control', {
      headers: { upgrade: 'websocket' },
    });
    expect(response.status).toBe(403);
  });
});
