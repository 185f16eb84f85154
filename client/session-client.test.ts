import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CloseCode } from '../protocol/close-codes.ts';
import { checksumOf } from '../protocol/sync/checksum.ts';
import { diff } from '../protocol/sync/merge-patch.ts';
import type { JsonObject } from '../protocol/sync/json.ts';
import type { Api } from './api.ts';
import { Session } from './session.ts';
import { SessionClient } from './session-client.ts';
import { ABNORMAL_CLOSURE } from './socket.ts';
import { PlayedNetwork } from './testing/played-socket.ts';

const NOW = '2026-01-01T00:00:00.000Z';
const ID = 'A'.repeat(22);
const SINK = { output: () => undefined, screen: () => undefined };
let network: PlayedNetwork;
let client: SessionClient;

/** The shared state with this name of the session. */
function stateNamed(name: string): JsonObject {
  const resources = { cpuMs: 0, memoryBytes: 0, diskBytes: 0, processes: 0 };
  return {
    session: {
      ...{ id: ID, name, ownerId: 'o', workspaceId: 'w', region: 'local', status: 'idle', createdAt: NOW },
      ...{ ttlMs: 1, idleTimeoutMs: 1, messageCount: 0, activeTools: [], resources },
    },
    host: { state: 'none', epoch: 0 },
    terminals: { 1: { channel: 1, title: name, cols: 80, rows: 24, state: 'running', createdAt: NOW } },
    members: {},
  };
}

function eventTo(version: number, before: string, after: string): Record<string, unknown> {
  const state = stateNamed(after);
  const delta = diff(stateNamed(before), state);
  return { version, at: NOW, kind: 'UPDATE', subject: 's', data: {}, delta, checksum: checksumOf(state) };
}

const say = (message: Record<string, unknown>): void => network.current.tell.text(JSON.stringify(message));
const asked = (): string[] => network.current.messages.map(({ type }) => type);

async function welcome(version: number, more: Record<string, unknown>): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
  network.current.tell.opened();
  say({
    type: 'welcome',
    clientId: client.clientId,
    role: 'owner',
    participants: [],
    stream: 1,
    version,
    ...more,
  });
}

const whole = (name: string): { state: JsonObject; checksum: string } => ({
  ...{ state: stateNamed(name), checksum: checksumOf(stateNamed(name)) },
});

beforeEach(async () => {
  vi.useFakeTimers();
  network = new PlayedNetwork();
  const api = { createTicket: () => Promise.resolve({ url: 'http://e', ticket: 't', expiresAt: NOW }) };
  client = new SessionClient({ api: api as unknown as Api, sessionId: ID, openSocket: network.open });
  client.connectNow();
  await welcome(5, whole('a'));
});
afterEach(() => {
  client.close();
  vi.useRealTimers();
});

describe('the shared state', () => {
  it('follows events, tells of each change, and names its version at the next hello', async () => {
    const told: unknown[] = [];
    client.on('changed', (state, events) =>
      told.push([state.session.name, events.map(({ version }) => version)]),
    );
    const stream = client.attach(1, SINK);
    say({ type: 'event', event: eventTo(6, 'a', 'b') });
    expect(told).toEqual([['b', [6]]]);
    expect(client.state?.host).toEqual({ state: 'none', hostId: null, epoch: 0, message: null });
    expect(stream.info?.title).toBe('b');
    network.current.tell.closed(ABNORMAL_CLOSURE, '');
    await vi.advanceTimersByTimeAsync(0);
    network.current.tell.opened();
    expect(network.current.messages[0]).toMatchObject({ type: 'hello', version: 6 });
    const { checksum } = eventTo(7, 'b', 'c');
    await welcome(7, { checksum, events: [eventTo(7, 'b', 'c')] });
    expect(told).toEqual([
      ['b', [6]],
      ['c', [7]],
    ]);
  });

  it('asks for what it missed, and takes the whole state when the two contradict each other', () => {
    say({ type: 'event', event: eventTo(8, 'c', 'd') });
    expect(network.current.messages.at(-1)).toEqual({ type: 'events.since', version: 5 });
    say({
      type: 'events',
      version: 8,
      events: [eventTo(6, 'a', 'b'), eventTo(7, 'b', 'c'), eventTo(8, 'c', 'd')],
    });
    expect(client.state?.session.name).toBe('d');
    say({ type: 'event', event: { ...eventTo(9, 'd', 'e'), checksum: 'another' } });
    expect(network.current.messages.at(-1)).toEqual({ type: 'state.get' });
    expect(client.state?.session.name).toBe('d');
    say({ type: 'state', version: 9, ...whole('e') });
    expect([client.state?.session.name, client.version]).toEqual(['e', 9]);
  });

  it('is checked on demand, and a heartbeat that agrees asks for nothing', () => {
    client.check();
    expect(asked().at(-1)).toBe('sync.check');
    const heartbeat = { at: NOW, kind: 'HEARTBEAT', subject: 'sync.heartbeat', data: {}, delta: {} };
    say({ type: 'event', event: { ...heartbeat, version: 5, checksum: checksumOf(stateNamed('a')) } });
    expect(asked().at(-1)).toBe('sync.check');
    say({ type: 'event', event: { ...heartbeat, version: 6, checksum: 'x' } });
    expect(network.current.messages.at(-1)).toEqual({ type: 'events.since', version: 5 });
  });

  it('that a newer edge tells in words unknown here leaves the last one, and the terminals', () => {
    const unknown = { session: 'else', host: {}, terminals: {}, members: {} };
    say({ type: 'state', version: 6, state: unknown, checksum: checksumOf(unknown) });
    expect(client.state?.session.name).toBe('a');
    expect(client.connection.kind).toBe('connected');
  });
});

describe('requests', () => {
  it('not answered before a loss are asked again with the same id, and answered once', async () => {
    const opened = client.open({ size: { cols: 80, rows: 24 } }, SINK);
    const first = network.current.messages.at(-1);
    network.current.tell.closed(ABNORMAL_CLOSURE, '');
    await welcome(5, { checksum: checksumOf(stateNamed('a')), events: [] });
    const again = network.current.messages.find(({ type }) => type === 'terminal.open');
    expect(again).toEqual(first);
    const terminal = {
      ...{ channel: 4, title: 't', cols: 80, rows: 24, state: 'starting' },
      createdAt: NOW,
      exit: null,
    };
    say({
      type: 'terminal.opened',
      requestId: (again as unknown as { requestId: string }).requestId,
      terminal,
    });
    expect((await opened).channel).toBe(4);
    expect(network.current.messages.at(-1)).toEqual({ type: 'attach', channel: 4, offset: 0 });
  });

  it('reject with what is said against them; what nobody asked is an event', async () => {
    const errors: string[] = [];
    client.on('error', ({ code, channel }) => errors.push(`${code} ${channel}`));
    const opened = client.open({ size: { cols: 80, rows: 24 } }, SINK);
    const { requestId } = network.current.messages.at(-1) as unknown as { requestId: string };
    say({ type: 'error', code: 'limit-exceeded', detail: 'At most 32.', requestId });
    await expect(opened).rejects.toMatchObject({ code: 'limit-exceeded', message: 'At most 32.' });
    say({ type: 'error', code: 'terminal-not-found', detail: 'None.', channel: 9 });
    expect(errors).toEqual(['terminal-not-found 9']);
  });

  it('still waiting when the session is left reject as ended', async () => {
    const opened = client.open({ size: { cols: 80, rows: 24 } }, SINK);
    client.close();
    await expect(opened).rejects.toMatchObject({ code: 'ended' });
  });
});

it('what is no message of the protocol is passed over', () => {
  network.current.tell.text('nonsense');
  say({ type: 'of a newer edge' });
  network.current.tell.bytes(new Uint8Array([1, 2, 3]));
  expect(client.connection.kind).toBe('connected');
});

it('what was said of the connection itself says why it ends', () => {
  say({ type: 'error', code: 'forbidden', detail: 'Only for watching.', channel: 1 });
  say({ type: 'error', code: 'forbidden', detail: 'Not from this network.' });
  network.current.tell.closed(CloseCode.Forbidden, '');
  expect(client.connection).toEqual({ kind: 'ended', reason: 'Not from this network.' });
});

describe('a terminal that a program attached to', () => {
  it('ends for who had it before, and where there is none', async () => {
    const session = new Session(client);
    const [before, after] = [session.attach(1), session.attach(1)];
    await expect(before.exited).rejects.toMatchObject({ code: 'ended', channel: 1 });
    const none = session.attach(9);
    say({ type: 'error', code: 'terminal-not-found', detail: 'No such terminal.', channel: 9 });
    await expect(none.exited).rejects.toMatchObject({ code: 'terminal-not-found', channel: 9 });
    after.detach();
    await expect(after.exited).rejects.toMatchObject({ code: 'ended' });
    session.close();
    await expect(session.open()).rejects.toMatchObject({ code: 'ended' });
  });
});
