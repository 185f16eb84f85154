import { evictDurableObject } from 'cloudflare:test';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { MAX_TERMINALS, PRESENCE_EVERY_MS } from '../../protocol/limits.ts';
import type { Participant } from '../../protocol/messages/session.ts';
import { FrameKind } from '../../protocol/stream/frame.ts';
import { People } from '../../client/people.ts';
import { PlayedHost, PlayedSession, type Viewer } from '../testing/session.ts';
import { chooseSizer, type Window } from './decisions.ts';
import { newCursor, packCursor, unpackCursor } from './viewer-cursor.ts';

let host: PlayedHost;
let session: PlayedSession;
let ada: Viewer;
let channel: number;

beforeEach(async () => {
  host = await PlayedHost.join();
  session = await PlayedSession.create();
  ada = await session.view('ada-laptop');
  const serving = host.serve(session.id);
  channel = (await ada.open()).channel;
  await serving;
  await host.opened(channel);
  await ada.attach(channel, 0);
});

/** Somebody with a role, attached, with a window of this size. */
async function join(name: string, role: 'editor' | 'viewer', cols?: number): Promise<Viewer> {
  const { token } = await session.member(role, name);
  const viewer = await session.view(`${name}-device`, { token });
  await viewer.attach(channel, 0);
  if (cols !== undefined) resize(viewer, cols);
  return viewer;
}

const resize = (viewer: Viewer, cols: number, visible = true): void =>
  viewer.send({ type: 'resize', channel, size: { cols, rows: 30 }, visible });

const offsets = new Map<Viewer, number>();
function type(viewer: Viewer, text: string): void {
  const payload = new TextEncoder().encode(text);
  const offset = offsets.get(viewer) ?? 0;
  offsets.set(viewer, offset + payload.length);
  viewer.frame({ kind: FrameKind.Input, channel, stream: viewer.stream, offset, payload });
}

const widths = (): number[] =>
  host.told.flatMap((message) => (message.type === 'resize' ? [message.size.cols] : []));
const becomesWide = (cols: number): Promise<true> =>
  host.data.until(
    () => (widths().at(-1) === cols ? true : undefined),
    `width ${cols}; got ${widths().join()}`,
  );
/** Waits until everything sent so far has been dealt with. */
async function settled(viewer: Viewer): Promise<void> {
  viewer.send({ type: 'events.since', version: 0 });
  await viewer.take('events');
}

describe('presence', () => {
  it('tells who comes, with role, colour and device, and who goes', async () => {
    const bob = await join('Bob', 'viewer');
    const { here, count } = await ada.take('presence');
    expect(bob.count('presence')).toBe(0);
    expect(here).toMatchObject([
      { stream: bob.stream, displayName: 'Bob', role: 'viewer', clientId: 'Bob-device', focus: null },
    ]);
    expect(count).toBe(2);
    bob.socket.close(1000, 'bye');
    const gone = await ada.until(() => find(ada, bob.stream), 'the leaving');
    expect(gone).toBe(true);
  });

  it('gathers a crowd into few messages, and nobody misses anybody', async () => {
    const lists = new Map<Viewer, People>();
    const watch = (viewer: Viewer, participants: Participant[]): void => {
      const people = new People();
      people.apply({ type: 'participants', participants }, 0);
      viewer.onMessage = (message) => void people.apply(message, 0);
      lists.set(viewer, people);
    };
    ada.send({ type: 'participants.get' });
    watch(ada, (await ada.take('participants')).participants);
    const startedMs = Date.now();
    const crowd = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const viewer = await session.view(undefined, { role: 'viewer' });
        viewer.send({ type: 'participants.get' });
        watch(viewer, (await viewer.take('participants')).participants);
        return viewer;
      }),
    );
    const seen = () =>
      [...lists]
        .filter(([{ socket }]) => socket.readyState === WebSocket.OPEN)
        .map(([, people]) => people.participants.length);
    await expect.poll(() => new Set(seen())).toEqual(new Set([41]));
    // One at once, then one in every so many milliseconds: not one for each who came.
    expect(ada.count('presence')).toBeLessThanOrEqual(2 + (Date.now() - startedMs) / PRESENCE_EVERY_MS);
    for (const viewer of crowd.splice(20)) viewer.socket.close(1000, 'bye');
    await expect.poll(() => new Set(seen())).toEqual(new Set([21]));
  });

  it('tells of typing once in a while, not to the typist, and only of who may type', async () => {
    const bob = await join('Bob', 'editor');
    const eve = await join('Eve', 'viewer');
    for (let key = 0; key < 20; key++) type(bob, 'x');
    type(eve, 'y');
    await settled(bob);
    await settled(eve);
    expect((await ada.take('activity')).stream).toBe(bob.stream);
    await settled(ada);
    expect([ada.count('activity'), bob.count('activity'), eve.count('activity')]).toEqual([0, 0, 1]);
  });

  it('tells what somebody looks at, also to who comes after the actor slept', async () => {
    const bob = await join('Bob', 'viewer');
    bob.send({ type: 'focus', focus: { channel, scrollLines: 12 } });
    await settled(bob);
    await evictDurableObject(session.actor);
    const late = await session.view();
    late.send({ type: 'participants.get' });
    const { participants } = await late.take('participants');
    expect(participants.find(({ stream }) => stream === bob.stream)?.focus).toEqual({
      channel,
      scrollLines: 12,
    });
  });

  it('is not written to storage', async () => {
    const bob = await join('Bob', 'viewer');
    const before = await versionOf(ada);
    bob.send({ type: 'focus', focus: { channel, scrollLines: 1 } });
    bob.socket.close(1000, 'bye');
    await ada.until(() => find(ada, bob.stream), 'the leaving');
    // Every change that is stored has its event.
    expect(await versionOf(ada)).toBe(before);
  });
});

describe('the size', () => {
  it('follows who typed last, also after the actor slept', async () => {
    resize(ada, 100);
    await becomesWide(100);
    const bob = await join('Bob', 'editor', 60);
    await settled(bob);
    await evictDurableObject(session.actor);
    type(bob, 'x');
    await becomesWide(60);
    expect((await until(ada, bob.stream)).channel).toBe(channel);
    await evictDurableObject(session.actor);
    type(ada, 'x');
    await becomesWide(100);
  });

  it('does not mind who only watches, or is not looking', async () => {
    resize(ada, 100);
    await becomesWide(100);
    const eve = await join('Eve', 'viewer', 50);
    type(eve, 'x');
    const bob = await join('Bob', 'editor', 60);
    resize(bob, 61, false);
    bob.send({ type: 'resize', channel, size: { cols: 62, rows: 30 }, visible: false, take: true });
    await settled(bob);
    resize(ada, 101);
    await becomesWide(101);
    expect(widths()).toEqual([100, 101]);
  });

  it('goes to the next when the typist leaves or hides, and back when they return', async () => {
    resize(ada, 100);
    await becomesWide(100);
    const bob = await join('Bob', 'editor', 60);
    const cem = await join('Cem', 'editor', 70);
    for (const [typist, cols] of [
      [cem, 70],
      [bob, 60],
    ] as const) {
      type(typist, 'x');
      await becomesWide(cols);
    }
    resize(bob, 60, false);
    await becomesWide(70);
    resize(bob, 60);
    await becomesWide(60);
    bob.socket.close(1000, 'bye');
    await becomesWide(70);
    cem.socket.close(1000, 'bye');
    await becomesWide(100);
  });

  it('stays with the typist through a reconnect', async () => {
    resize(ada, 100);
    const { token } = await session.member('editor');
    const before = await session.view('bobs-client', { token });
    await before.attach(channel, 0);
    resize(before, 60);
    type(before, 'x');
    await becomesWide(60);
    const again = await session.view('bobs-client', { token });
    await again.attach(channel, 0);
    resize(again, 60);
    resize(again, 61);
    await becomesWide(61);
  });

  it('can be taken without typing', async () => {
    resize(ada, 100);
    const bob = await join('Bob', 'editor', 60);
    bob.send({ type: 'resize', channel, size: { cols: 60, rows: 30 }, take: true });
    await becomesWide(60);
  });

  it('is told to who attaches', async () => {
    resize(ada, 100);
    await becomesWide(100);
    const eve = await join('Eve', 'viewer');
    expect((await eve.take('terminal.sizer')).stream).toBe(ada.stream);
  });
});

describe('the choice of a sizer', () => {
  const window = fc.record({
    size: fc.option(fc.record({ cols: fc.nat(9), rows: fc.nat(9) })),
    visible: fc.boolean(),
    mayType: fc.boolean(),
    activeAtMs: fc.nat(5),
    sinceMs: fc.nat(5),
  });
  const counts = (one: Window): boolean => one.size !== null && one.visible && one.mayType;

  it('is somebody who counts, and nobody who counts was active later', () => {
    fc.assert(
      fc.property(fc.array(window), (windows) => {
        const chosen = chooseSizer(windows);
        if (chosen === null) return !windows.some(counts);
        return (
          counts(chosen) && windows.filter(counts).every(({ activeAtMs }) => activeAtMs <= chosen.activeAtMs)
        );
      }),
    );
  });
});

describe('a cursor', () => {
  it('keeps its window in the attachment of a socket, with as many terminals as there may be', async () => {
    for (const size of [null, { cols: 1_000, rows: 500 }]) {
      const cursor = { ...newCursor(0xffff_ffff, 2 ** 50), size, visible: false, activeAtMs: Date.now() };
      const { activeAtMs } = size === null ? newCursor(1, 0) : cursor;
      expect(unpackCursor(packCursor(cursor))).toEqual({ ...cursor, activeAtMs });
    }
    const { token } = await session.member('editor', 'é'.repeat(200));
    const bob = await session.view('b'.repeat(64), { token });
    for (let opened = 1; opened < MAX_TERMINALS; opened++) await ada.open();
    for (let one = channel; one < channel + MAX_TERMINALS; one++) {
      await bob.attach(one, null);
      bob.send({ type: 'resize', channel: one, size: { cols: 1_000, rows: 500 }, take: true });
    }
    bob.send({ type: 'focus', focus: { channel, scrollLines: 100_000 } });
    await settled(bob);
    await evictDurableObject(session.actor);
    await settled(bob);
  });
});

/** True once the viewer was told that a stream left. */
function find(viewer: Viewer, stream: number): true | undefined {
  return viewer.peek('presence').some(({ left }) => left.includes(stream)) ? true : undefined;
}

/** Waits until the viewer was told that the size follows this stream. */
function until(viewer: Viewer, stream: number) {
  return viewer.until(
    () => viewer.peek('terminal.sizer').find((message) => message.stream === stream),
    'the new sizer',
  );
}

async function versionOf(viewer: Viewer): Promise<number> {
  viewer.send({ type: 'events.since', version: 0 });
  return (await viewer.take('events')).version;
}
