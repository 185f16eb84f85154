import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CloseCode } from '../protocol/close-codes.ts';
import {
  KEEPALIVE_INTERVAL_MS,
  KEEPALIVE_TIMEOUT_MS,
  RECONNECT_MAX_MS,
  RECONNECT_MIN_MS,
} from '../protocol/limits.ts';
import { ApiError } from './api-transport.ts';
import { Connection, type ConnectionState } from './connection.ts';
import { ABNORMAL_CLOSURE } from './socket.ts';
import { PlayedNetwork } from './testing/played-socket.ts';

const TICKET = { url: 'http://edge/ws', ticket: 't0' };
let network: PlayedNetwork;
let tickets: (() => Promise<typeof TICKET>)[];
let states: ConnectionState[];
let told: string[];
let connection: Connection;

beforeEach(() => {
  vi.useFakeTimers();
  network = new PlayedNetwork();
  tickets = [];
  states = [];
  told = [];
  const getTicket = (): Promise<typeof TICKET> => tickets.shift()?.() ?? Promise.resolve(TICKET);
  const events = {
    opened: () => told.push('opened'),
    text: (text: string) => told.push(text),
    bytes: (bytes: Uint8Array) => told.push(`${bytes.length} bytes`),
    lost: () => told.push('lost'),
    state: (state: ConnectionState) => states.push(state),
  };
  // Randomness in the middle: no jitter.
  connection = new Connection({ getTicket, openSocket: network.open }, events, () => 0.5);
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lets promises settle and time pass. */
const pass = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** A connection that stands. */
async function up(): Promise<void> {
  connection.connectNow();
  await pass();
  network.current.tell.opened();
  connection.settled();
}

describe('a connection', () => {
  it('comes again when the edge says, to a second, however often it was sent away', async () => {
    const full = (): Promise<never> => Promise.reject(new ApiError(503, 'unavailable', 'Full.', null, 5_000));
    tickets = Array.from({ length: 8 }, () => full);
    connection.connectNow();
    for (let i = 0; i < 8; i += 1) {
      await pass();
      expect(states.at(-1)).toMatchObject({ kind: 'waiting', retryInMs: 5_500 });
      await pass(5_500);
    }
    expect(network.sockets).toHaveLength(1);
  });

  it('draws a ticket, opens a socket with it and says so', async () => {
    await up();
    expect(network.current.protocols).toEqual(['alex.v1', 'alex.ticket.t0']);
    expect(states).toEqual([{ kind: 'connecting', attempt: 0 }, { kind: 'connected' }]);
    expect(told).toEqual(['opened']);
  });

  it('comes back at once, then doubling from 250 ms to 8 s, and anew once it held', async () => {
    await up();
    const delaysMs: number[] = [];
    for (let attempt = 0; attempt < 9; attempt++) {
      network.current.tell.closed(ABNORMAL_CLOSURE, '');
      const state = states.at(-1);
      delaysMs.push(state?.kind === 'waiting' ? state.retryInMs : -1);
      const opened = network.sockets.length;
      await pass(Math.max(0, (delaysMs.at(-1) ?? 0) - 1));
      if (delaysMs.at(-1) !== 0) expect(network.sockets).toHaveLength(opened);
      await pass(1);
      expect(network.sockets).toHaveLength(opened + 1);
    }
    const doubling = [0, 1, 2, 3, 4, 5].map((n) => Math.min(RECONNECT_MAX_MS, RECONNECT_MIN_MS * 2 ** n));
    expect(delaysMs).toEqual([0, ...doubling, RECONNECT_MAX_MS, RECONNECT_MAX_MS]);
    network.current.tell.opened();
    connection.settled();
    network.current.tell.closed(ABNORMAL_CLOSURE, '');
    expect(states.at(-1)).toMatchObject({ kind: 'waiting', retryInMs: 0 });
  });

  it('notices a network that swallows everything, and one that only sleeps is not given up', async () => {
    await up();
    await pass(10 * KEEPALIVE_INTERVAL_MS);
    expect(network.sockets).toHaveLength(1);
    network.current.answers = false;
    await pass(KEEPALIVE_INTERVAL_MS + KEEPALIVE_TIMEOUT_MS);
    expect(network.sockets[0]?.closedByClient).toBe(true);
    await pass(1);
    expect(network.sockets).toHaveLength(2);
    expect(told).toEqual(['opened', 'lost']);
  });

  it('checks a socket that seems to stand when told that the network is back', async () => {
    await up();
    network.current.answers = false;
    connection.connectNow();
    await pass(KEEPALIVE_TIMEOUT_MS);
    expect(network.sockets[0]?.closedByClient).toBe(true);
  });

  it('tries at once, not later, when told to', async () => {
    await up();
    network.current.tell.closed(ABNORMAL_CLOSURE, '');
    await pass();
    network.current.tell.closed(ABNORMAL_CLOSURE, '');
    expect(states.at(-1)).toMatchObject({ kind: 'waiting', retryInMs: RECONNECT_MIN_MS });
    connection.connectNow();
    await pass();
    expect(network.sockets).toHaveLength(3);
    // And only once.
    connection.connectNow();
    await pass(RECONNECT_MIN_MS);
    expect(network.sockets).toHaveLength(3);
  });

  it('hears nothing more of a socket it gave up', async () => {
    await up();
    const old = network.current;
    connection.drop();
    await pass();
    old.tell.text('late');
    old.tell.closed(CloseCode.Gone, '');
    old.tell.opened();
    expect(told).toEqual(['opened', 'lost']);
    expect(states.at(-1)?.kind).toBe('connecting');
  });
});

describe('its tickets', () => {
  const refuse = (status: number) => () =>
    Promise.reject(new ApiError(status, 'x', 'The edge says no.', null));

  it.each([400, 401, 403, 404, 410])('a refusal with %i ends it, with the reason', async (status) => {
    tickets.push(refuse(status));
    connection.connectNow();
    await pass(60_000);
    const mustSignIn = status === 401 ? { mustSignIn: true } : {};
    expect(states.at(-1)).toEqual({ kind: 'ended', reason: 'The edge says no.', ...mustSignIn });
    expect(network.sockets).toHaveLength(0);
  });

  it('a network that is down is tried at once, an edge that is busy later', async () => {
    tickets.push(() => Promise.reject(new TypeError('fetch failed')), refuse(503));
    connection.connectNow();
    await pass();
    const waits = states.filter((state) => state.kind === 'waiting').map(({ retryInMs }) => retryInMs);
    expect(waits).toEqual([0, RECONNECT_MIN_MS]);
    await pass(RECONNECT_MIN_MS);
    expect(network.sockets).toHaveLength(1);
  });

  it('one that comes after the connection was left opens nothing', async () => {
    let grant: (ticket: typeof TICKET) => void = () => undefined;
    tickets.push(() => new Promise((resolve) => (grant = resolve)));
    connection.connectNow();
    connection.end('You left.');
    grant(TICKET);
    await pass(60_000);
    expect(network.sockets).toHaveLength(0);
    expect(states.at(-1)).toEqual({ kind: 'ended', reason: 'You left.' });
  });
});

describe('a connection that was told why', () => {
  it('and may not be here any more, ends with those words', async () => {
    await up();
    connection.explain({ code: 'message-invalid', detail: 'Something else.' });
    connection.explain({ code: 'forbidden', detail: 'Not from this network.' });
    network.current.tell.closed(CloseCode.Forbidden, '');
    expect(states.at(-1)).toEqual({ kind: 'ended', reason: 'Not from this network.' });
  });

  it('and was signed out, ends with those words as soon as it gets no ticket', async () => {
    await up();
    connection.explain({ code: 'unauthenticated', detail: 'You were signed out here.' });
    tickets.push(() => Promise.reject(new ApiError(401, 'unauthenticated', 'Sign in.', null)));
    network.current.tell.closed(CloseCode.Unauthenticated, '');
    await pass(60_000);
    expect(states.at(-1)).toEqual({ kind: 'ended', reason: 'You were signed out here.', mustSignIn: true });
    expect(network.sockets).toHaveLength(1);
  });

  it('and is signed in as somebody else by then, comes back', async () => {
    await up();
    connection.explain({ code: 'unauthenticated', detail: 'You were signed out here.' });
    network.current.tell.closed(CloseCode.Unauthenticated, '');
    await pass();
    expect(network.sockets).toHaveLength(2);
    network.current.tell.opened();
    connection.settled();
    network.current.tell.closed(CloseCode.Forbidden, '');
    expect(states.at(-1)).toEqual({ kind: 'ended', reason: 'You may not use this session.' });
  });
});

describe('a close code', () => {
  it.each([
    ...[CloseCode.ProtocolError, CloseCode.Forbidden, CloseCode.NotFound, CloseCode.Gone, CloseCode.Replaced],
  ])('%i ends it for good', async (code) => {
    await up();
    network.current.tell.closed(code, '');
    connection.connectNow();
    await pass(60_000);
    expect(states.at(-1)?.kind).toBe('ended');
    expect(network.sockets).toHaveLength(1);
  });

  it.each([CloseCode.RateLimited, CloseCode.LimitExceeded, CloseCode.Unavailable])(
    '%i is not answered at once',
    async (code) => {
      await up();
      network.current.tell.closed(code, '');
      expect(states.at(-1)).toMatchObject({ kind: 'waiting', retryInMs: RECONNECT_MIN_MS });
    },
  );

  it.each([CloseCode.Normal, CloseCode.Unauthenticated, CloseCode.GoingAway, ABNORMAL_CLOSURE])(
    '%i is',
    async (code) => {
      await up();
      network.current.tell.closed(code, '');
      expect(states.at(-1)).toMatchObject({ kind: 'waiting', retryInMs: 0 });
    },
  );
});
