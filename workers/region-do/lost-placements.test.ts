import { env, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { newSessionId, randomId } from '../shared/ids.ts';
import { SessionDO } from '../session-do/session-do.ts';
import { joinRegion, type PlayedSocket, TEST_HOST_ID } from '../testing/host.ts';
import { PLACEMENT_BURST, PLACEMENTS_PER_S, TELL_FOR_MS, TELL_RETRY_MS } from './limits.ts';

let name: string;
let host: PlayedSocket;
let sessionId: string;
let tell: MockInstance<SessionDO['placementFailed']>;

const region = () => env.REGIONS.get(env.REGIONS.idFromName(name));
const place = (epoch: number, id = sessionId) =>
  region().place({ sessionId: id, epoch, ticket: 'ticket', preferHostId: null });

beforeEach(async () => {
  name = `r-${randomId(8)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '0')}`;
  host = await joinRegion(name, { capacity: 1_000 });
  sessionId = newSessionId();
  // An actor that cannot be reached; what the region does about it is real.
  tell = vi.spyOn(SessionDO.prototype, 'placementFailed').mockRejectedValueOnce(new Error('overloaded'));
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function pass(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
}

const called = (times: number): Promise<void> => vi.waitFor(() => expect(tell).toHaveBeenCalledTimes(times));

/** Sessions that are to be told again. */
const untold = (): Promise<string[]> =>
  runInDurableObject(region(), (_actor, { storage }) =>
    storage.sql
      .exec<{ sessionId: string }>('SELECT sessionId FROM lost_placements')
      .toArray()
      .map((row) => row.sessionId),
  );

/** Runs the alarm once it is set. */
async function alarm(): Promise<void> {
  await vi.waitFor(async () => expect(await runDurableObjectAlarm(region())).toBe(true));
}

describe('a session that cannot be told', () => {
  it('that its placement failed is told later', async () => {
    await place(1);
    host.send({ type: 'placement.failed', sessionId, epoch: 1, detail: 'No room.' });
    await vi.waitFor(async () => expect(await untold()).toEqual([sessionId]));
    pass(TELL_RETRY_MS + 1);
    await alarm();
    expect(tell.mock.calls).toEqual([
      [1, 'No room.'],
      [1, 'No room.'],
    ]);
    pass(2 * TELL_RETRY_MS);
    await alarm();
    expect(tell).toHaveBeenCalledTimes(2);
  });

  it('that its host lost it by a restart is told later', async () => {
    await place(1);
    await joinRegion(name, { incarnation: 'incarnation-2' });
    await vi.waitFor(async () => expect(await untold()).toEqual([sessionId]));
    pass(TELL_RETRY_MS + 1);
    await alarm();
    await called(2);
  });

  it('is left alone once it was placed again, or its host has it after all', async () => {
    const back = newSessionId();
    tell.mockRejectedValueOnce(new Error('overloaded'));
    for (const id of [sessionId, back]) await place(1, id);
    await joinRegion(name, { incarnation: 'incarnation-2' });
    await called(2);
    await vi.waitFor(async () => expect(await untold()).toHaveLength(2));
    await place(2);
    const sessions = [
      { sessionId, epoch: 2 },
      { sessionId: back, epoch: 1 },
    ];
    await joinRegion(name, { incarnation: 'incarnation-2', sessions });
    pass(TELL_RETRY_MS + 1);
    await alarm();
    expect(tell).toHaveBeenCalledTimes(2);
    expect(await untold()).toEqual([]);
  });

  it('for long is given up', async () => {
    await place(1);
    tell.mockRejectedValue(new Error('overloaded'));
    host.send({ type: 'placement.failed', sessionId, epoch: 1, detail: 'No room.' });
    await vi.waitFor(async () => expect(await untold()).toEqual([sessionId]));
    pass(TELL_RETRY_MS + 1);
    await alarm();
    expect(await untold()).toEqual([sessionId]);
    pass(TELL_FOR_MS);
    await alarm();
    expect(await untold()).toEqual([]);
  });
});

it('a session that asks for a host without end is refused for a while; others are not', async () => {
  for (let epoch = 1; epoch <= PLACEMENT_BURST; epoch++)
    expect(await place(epoch)).toMatchObject({ ok: true });
  const epoch = PLACEMENT_BURST + 1;
  expect(await place(epoch)).toMatchObject({ ok: false, code: 'rate-limited' });
  expect(await place(1, newSessionId())).toEqual({ ok: true, value: { hostId: TEST_HOST_ID } });
  pass(1_000 / PLACEMENTS_PER_S);
  expect(await place(epoch)).toMatchObject({ ok: true });
});
