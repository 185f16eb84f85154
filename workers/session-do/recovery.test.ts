import { env, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CloseCode } from '../../protocol/close-codes.ts';
import { dialData, PlayedHost, PlayedSession, REGION, type Viewer } from '../testing/session.ts';
import { PLACEMENT_BURST } from '../region-do/limits.ts';
import { PLACE_LIMITED_MS, PLACE_TIMEOUT_MS } from './limits.ts';

const COMMAND = ['sh', '-c', 'make deploy'];
let host: PlayedHost;
let session: PlayedSession;
let viewer: Viewer;

afterEach(() => {
  vi.useRealTimers();
});
beforeEach(async () => {
  host = await PlayedHost.join();
  session = await PlayedSession.create();
  viewer = await session.view();
});

/** The actor is lost in the middle of whatever it does; its sockets with it. */
async function crash(): Promise<void> {
  await runInDurableObject(session.actor, (_actor, ctx) => ctx.abort('test')).catch(() => undefined);
  await viewer.closed();
}

/** What the actor's storage says of its placement. */
async function stored(): Promise<{ epoch: number; awaited_epoch: number }> {
  return runInDurableObject(session.actor, (_actor, ctx) =>
    ctx.storage.sql
      .exec<{ epoch: number; awaited_epoch: number }>('SELECT epoch, awaited_epoch FROM session')
      .one(),
  );
}

describe('a terminal asked for and never confirmed', () => {
  /** The host is asked for a terminal, and dies with its sandbox, or only its link does, before it says a word of it. */
  async function askedInVain(command?: string[], sandboxDies = true): Promise<number> {
    host.opens = false;
    const serving = host.serve(session.id);
    const { channel } = await viewer.open(command);
    await serving;
    await host.opened(channel);
    host.data.socket.close(1000, 'gone');
    host.opens = true;
    if (sandboxDies) host.incarnation = crypto.randomUUID();
    return channel;
  }

  const timesAsked = (): number => host.told.filter(({ type }) => type === 'terminal.open').length;

  it('may have run its command: it ends, says so, and is not asked for again', async () => {
    const channel = await askedInVain(COMMAND);
    await viewer.attach(channel, 0);
    await host.serve(session.id);
    const { exit } = await viewer.take('terminal.exited');
    expect(exit.reason).toBe('lost');
    expect(exit.message).toMatch(/may have run/);
    expect(timesAsked()).toBe(1);
  });

  it('is remembered across a crash of the actor', async () => {
    const channel = await askedInVain(COMMAND);
    await crash();
    viewer = await session.view();
    await host.serve(session.id);
    await viewer.attach(channel, 0);
    expect((await viewer.take('terminal.exited')).exit.message).toMatch(/may have run/);
    expect(timesAsked()).toBe(1);
  });

  it('is asked for again of the same sandbox, which would know of it', async () => {
    const channel = await askedInVain(COMMAND, false);
    await host.serve(session.id);
    await host.data.until(() => (timesAsked() === 2 ? true : undefined), 'the second asking');
    await viewer.attach(channel, 0);
    host.print(channel, 'ready.');
    await viewer.shows('ready.');
  });

  it('is asked for again when it is a login shell, into which nobody can have typed', async () => {
    const channel = await askedInVain();
    await host.serve(session.id);
    await host.data.until(() => (timesAsked() === 2 ? true : undefined), 'the second asking');
    await viewer.attach(channel, 0);
    host.print(channel, 'ready.');
    await viewer.shows('ready.');
  });
});

describe('a hand-over to the region', () => {
  /** The actor is lost with this in its storage, and comes back when somebody asks for it. */
  async function crashWith(...statements: string[]): Promise<void> {
    await runInDurableObject(session.actor, (_actor, ctx) => {
      for (const statement of statements) ctx.storage.sql.exec(statement);
    });
    await crash();
    await stored();
  }

  it('that a crash of the actor cuts off is made again soon, under the next epoch', async () => {
    await viewer.open();
    expect((await host.placement(session.id)).epoch).toBe(1);
    await vi.waitFor(async () => expect((await stored()).awaited_epoch).toBe(1));
    // As if the crash came before the region's answer.
    await crashWith('UPDATE session SET awaited_epoch = 0');
    await host.serve(session.id);
    expect(host.epoch).toBe(2);
  });

  it('whose host was there when the actor crashed, and not ready, is made again as well', async () => {
    await viewer.open();
    const { ticket } = await host.placement(session.id);
    await (await dialData(session.id, ticket)).take('sandbox.ensure');
    await crashWith();
    await host.serve(session.id);
    expect(host.epoch).toBe(2);
  });

  it('that was not begun before a crash is begun, though nobody comes', async () => {
    await viewer.open();
    await host.placement(session.id);
    // As if the crash came when the terminal was written and nothing else.
    await crashWith("UPDATE session SET host_state = 'none'", "DELETE FROM timers WHERE name = 'placement'");
    await host.serve(session.id);
    expect(host.epoch).toBe(2);
  });

  it('that was seen to its end is left alone by a restart of the actor', async () => {
    await viewer.open();
    const { ticket } = await host.placement(session.id);
    await vi.waitFor(async () => expect((await stored()).awaited_epoch).toBe(1));
    await crashWith();
    expect(await stored()).toEqual({ epoch: 1, awaited_epoch: 1 });
    const data = await dialData(session.id, ticket);
    await data.take('sandbox.ensure');
    expect(data.closeCode).toBeNull();
  });

  it('that is not answered is given up, and made again', { timeout: 30_000 }, async () => {
    const region = env.REGIONS.get(env.REGIONS.idFromName(REGION));
    let deaf = false;
    const hearsAgain = runInDurableObject(region, (_actor, ctx) => {
      void ctx.blockConcurrencyWhile(async () => {
        deaf = true;
        await new Promise((resolve) => setTimeout(resolve, PLACE_TIMEOUT_MS + 1_500));
      });
    });
    await vi.waitFor(() => expect(deaf).toBe(true));
    session = await PlayedSession.create();
    await (await session.view()).open();
    const whenGivenUp = { timeout: PLACE_TIMEOUT_MS + 1_400, interval: 50 };
    await vi.waitFor(async () => expect((await stored()).epoch).toBe(2), whenGivenUp);
    await hearsAgain;
    // The region hears both then; the host of the one that was given up is told that it is stale.
    const [first, second] = [await host.placement(session.id), await host.placement(session.id)];
    expect([first.epoch, second.epoch]).toEqual([1, 2]);
    expect(await (await dialData(session.id, first.ticket)).closed()).toBe(CloseCode.StaleEpoch);
    await (await dialData(session.id, second.ticket)).take('sandbox.ensure');
  });

  it('that asks too often is refused, and waits, whoever comes', async () => {
    const region = env.REGIONS.get(env.REGIONS.idFromName(REGION));
    await viewer.open();
    expect((await host.placement(session.id)).epoch).toBe(1);
    await vi.waitFor(async () => expect((await stored()).awaited_epoch).toBe(1));
    const startMs = Date.now();
    const at = (ms: number) => vi.useFakeTimers({ toFake: ['Date'], now: startMs + ms });
    const alarm = () => vi.waitFor(async () => expect(await runDurableObjectAlarm(session.actor)).toBe(true));
    at(0);
    const again = { sessionId: session.id, epoch: 0, ticket: '', preferHostId: null };
    for (let asked = 0; asked < PLACEMENT_BURST; asked++) await region.place(again);
    host.control.send({ type: 'placement.failed', sessionId: session.id, epoch: 1, detail: 'No room.' });
    await viewer.hostIs('lost');
    at(500);
    await alarm();
    for (const state of ['placing', 'lost'] as const) await viewer.hostIs(state);
    await (await session.view()).open();
    at(500 + 2 * PLACE_LIMITED_MS);
    await alarm();
    await host.serve(session.id);
    expect(host.epoch).toBe(3);
  });
});
