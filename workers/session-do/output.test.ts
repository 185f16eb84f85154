import { evictDurableObject } from 'cloudflare:test';
import { beforeEach, describe, expect, it } from 'vitest';
import { CloseCode } from '../../protocol/close-codes.ts';
import {
  OUTPUT_RESUME_BYTES,
  OUTPUT_WINDOW_BYTES,
  REPLAY_RING_BYTES,
  VIEWER_LAG_BYTES,
} from '../../protocol/limits.ts';
import { FrameKind, SnapshotFlag } from '../../protocol/stream/frame.ts';
import { MAX_UNREAD_BYTES } from './limits.ts';
import { type PlayedHost, type PlayedSession, playTerminal, type Viewer } from '../testing/session.ts';

const FRAME_BYTES = 64 * 1024;
const FRAME = new Uint8Array(FRAME_BYTES).fill(0x78);
let host: PlayedHost;
let session: PlayedSession;
let viewer: Viewer;
let channel: number;

beforeEach(async () => {
  ({ host, session, viewer, channel } = await playTerminal());
});

describe('output', () => {
  it('goes to every viewer from where it is, and acknowledgements go up', async () => {
    const late = await session.view();
    await late.attach(channel, 0);
    await late.shows('ready.');
    host.print(channel, ' more.');
    await Promise.all([viewer.shows('ready. more.'), late.shows('ready. more.')]);
    await host.data.until(() => (host.acks.includes(12) ? true : undefined), 'the acknowledgement of all');
  });

  it('survives hibernation at any moment', async () => {
    for (let round = 0; round < 5; round++) {
      await evictDurableObject(session.actor);
      host.print(channel, `round ${round}.`);
      await viewer.shows(`round ${round}.`);
    }
    expect(viewer.text).toBe('ready.round 0.round 1.round 2.round 3.round 4.');
    expect(viewer.screens).toBe(0);
  });

  it('tells each viewer the line discipline: those attached when it changes, others when they attach', async () => {
    const mode = { canonical: true, echo: false, signals: true };
    host.data.send({ type: 'terminal.mode', channel, mode, offset: 6 });
    expect(await viewer.take('terminal.mode')).toMatchObject({ channel, mode, offset: 6 });
    const late = await session.view();
    await late.attach(channel, null);
    expect(await late.take('terminal.mode')).toMatchObject({ mode });
    await evictDurableObject(session.actor);
    const asked = (): number => host.told.filter(({ type }) => type === 'mode.sync').length;
    const before = asked();
    const later = await session.view();
    await later.attach(channel, null);
    await host.data.until(() => (asked() > before ? true : undefined), 'the question how it is now');
  });

  it('heals what was lost on the way by asking for it again', async () => {
    host.print(channel, 'lost,', true);
    host.print(channel, 'found.');
    await viewer.shows('ready.lost,found.');
    expect(host.told.some((message) => message.type === 'replay' && message.offset === 6)).toBe(true);
  });

  it('is sent again, not drawn, to a viewer who comes back after the actor was lost and is behind the others', async () => {
    host.print(channel, ' second.');
    await viewer.shows('second.');
    await evictDurableObject(session.actor, { webSockets: 'close' });
    const first = await session.view();
    first.receivedBytes = 14;
    await host.serve(session.id);
    await first.attach(channel, 14);
    host.print(channel, ' third.');
    await first.shows(' third.');
    const behind = await session.view();
    behind.receivedBytes = 6;
    await behind.attach(channel, 6);
    await behind.shows(' second. third.');
    host.print(channel, ' last.');
    await Promise.all([first.shows(' third. last.'), behind.shows(' second. third. last.')]);
    expect(first.screens + behind.screens).toBe(0);
  });

  it('is not drawn for a viewer who comes back while it is sent again to one further behind', async () => {
    for (let bytes = 0; bytes < 4 * FRAME_BYTES; bytes += FRAME_BYTES) host.print(channel, FRAME, true);
    await evictDurableObject(session.actor, { webSockets: 'close' });
    const [behind, near] = [await session.view(), await session.view()];
    const serving = host.serve(session.id);
    await behind.attach(channel, 0);
    await serving;
    // The played host sends one frame of the replay, and more when it is told to.
    await behind.until(() => (behind.receivedBytes === FRAME_BYTES ? true : undefined), 'a frame');
    near.receivedBytes = 3 * FRAME_BYTES;
    await near.attach(channel, near.receivedBytes);
    for (let frame = 1; frame <= 4; frame++) host.sendFrom(channel, frame * FRAME_BYTES);
    const end = 4 * FRAME_BYTES + 6;
    for (const each of [behind, near])
      await each.until(() => (each.receivedBytes === end || each.screens > 0 ? true : undefined), 'the end');
    expect([behind.screens, near.screens]).toEqual([0, 0]);
  });

  it('comes with the sizes a viewer missed, each where it began, also after the actor slept or was lost', async () => {
    const sizes = [
      { cols: 100, rows: 30 },
      { cols: 60, rows: 20 },
    ];
    for (const [index, size] of sizes.entries()) {
      viewer.send({ type: 'resize', channel, size, visible: true, take: true });
      expect(await viewer.take('terminal.resized')).toMatchObject(size);
      host.print(channel, ` part ${index}.`);
      await viewer.shows(` part ${index}.`);
    }
    let serving = Promise.resolve();
    const loss = [
      () => Promise.resolve(),
      () => evictDurableObject(session.actor),
      async () => {
        await evictDurableObject(session.actor, { webSockets: 'close' });
        serving = host.serve(session.id);
      },
    ];
    for (const lose of loss) {
      await lose();
      const late = await session.view();
      const told: number[][] = [];
      late.onMessage = (message) => {
        if (message.type !== 'terminal.resized') return;
        told.push([message.offset, message.cols, late.receivedBytes]);
      };
      late.receivedBytes = 6;
      await late.attach(channel, 6);
      await late.shows(' part 0. part 1.');
      const newest = [...new Map(told.map((each) => [each[0], each])).values()];
      expect(newest).toEqual([
        [6, 100, 6],
        [14, 60, 6],
      ]);
      expect(late.screens).toBe(0);
    }
    await serving;
  });

  it('gives one who claims more than there is a screen, and goes on for the others', async () => {
    await evictDurableObject(session.actor);
    const liar = await session.view();
    await liar.attach(channel, 2 ** 40);
    await viewer.attach(channel, 6);
    host.print(channel, ' after.');
    await viewer.shows('ready. after.');
    expect(viewer.screens).toBe(0);
  });

  it('is drawn for one who is too far behind, and not for those who are not', async () => {
    for (let bytes = 0; bytes < REPLAY_RING_BYTES; bytes += FRAME_BYTES) host.print(channel, FRAME, true);
    const end = REPLAY_RING_BYTES + 6;
    await evictDurableObject(session.actor, { webSockets: 'close' });
    const [behind, near] = [await session.view(), await session.view()];
    near.receivedBytes = end - 6;
    const serving = host.serve(session.id);
    await Promise.all([behind.attach(channel, 0), near.attach(channel, end - 6)]);
    await serving;
    await near.until(() => (near.receivedBytes === end ? true : undefined), 'the last bytes');
    await behind.until(() => (behind.screens > 0 ? true : undefined), 'a screen');
    expect(near.screens).toBe(0);
  });

  it('is sent to one who comes back as far as it is held here, drawn beyond; nobody else gets anything again', async () => {
    for (let bytes = 0; bytes < 2 * VIEWER_LAG_BYTES; bytes += FRAME_BYTES) {
      host.print(channel, FRAME);
      await viewer.until(() => (viewer.receivedBytes > bytes + 6 ? true : undefined), 'the next frame');
    }
    const end = 2 * VIEWER_LAG_BYTES + 6;
    const frames = viewer.frames.length;
    const held = end - VIEWER_LAG_BYTES;
    const [near, far] = [await session.view(), await session.view()];
    for (const [each, offset] of [
      [near, held],
      [far, held - 1],
    ] as const) {
      each.receivedBytes = offset;
      await each.attach(channel, offset);
      await each.until(() => (each.receivedBytes === end ? true : undefined), 'the end');
    }
    expect([near.screens, far.screens]).toEqual([0, 1]);
    host.print(channel, 'on.');
    await Promise.all([viewer, near, far].map((each) => each.shows('on.')));
    const ofOutput = viewer.frames.slice(frames).filter(({ kind }) => kind === FrameKind.Output);
    expect(ofOutput.map(({ offset }) => offset)).toEqual([end]);
    expect(host.told.filter(({ type }) => type === 'replay')).toEqual([]);
  });

  it('never slows others for one viewer; that one gets a screen when it comes back', async () => {
    const slow = await session.view();
    slow.acks = false;
    await slow.attach(channel, 0);
    await slow.shows('ready.');
    const frames = (2 * VIEWER_LAG_BYTES) / FRAME_BYTES;
    for (let sent = 0; sent < frames; sent++) {
      host.print(channel, FRAME);
      const wanted = 6 + (sent + 1) * FRAME_BYTES;
      await viewer.until(() => (viewer.receivedBytes === wanted ? true : undefined), 'the next frame');
    }
    expect(slow.receivedBytes).toBeGreaterThan(0);
    expect(slow.receivedBytes).toBeLessThanOrEqual(OUTPUT_WINDOW_BYTES + FRAME_BYTES);
    slow.ack(channel, slow.receivedBytes);
    await slow.until(() => (slow.screens > 0 ? true : undefined), 'a screen');
    host.print(channel, 'after.');
    await slow.shows('after.');
    expect(viewer.screens).toBe(0);
  });

  it('sends one that reads nothing no more than its window, however often it attaches anew', async () => {
    for (let bytes = 0; bytes < OUTPUT_WINDOW_BYTES; bytes += FRAME_BYTES) host.print(channel, FRAME);
    await viewer.until(() => (viewer.receivedBytes > OUTPUT_WINDOW_BYTES ? true : undefined), 'all of it');
    const stuck = await session.view();
    stuck.acks = false;
    for (let sent = 0; sent <= MAX_UNREAD_BYTES; sent += OUTPUT_WINDOW_BYTES) {
      stuck.send({ type: 'attach', channel, offset: 0 });
    }
    stuck.send({ type: 'attach', channel, offset: 0 });
    expect(await stuck.closed()).toBe(CloseCode.NotReading);
    host.print(channel, 'after.');
    await viewer.shows('after.');
  });

  it('asks for receipts of messages, and goes on with those who give them', async () => {
    const reader = await session.view(crypto.randomUUID(), {
      heard: (message, self) => {
        if (message.type === 'receipt.wanted') self.send({ type: 'receipt', position: message.position });
      },
    });
    reader.acks = false;
    for (let bytes = 0; bytes < OUTPUT_WINDOW_BYTES; bytes += FRAME_BYTES) host.print(channel, FRAME);
    await viewer.until(() => (viewer.receivedBytes > OUTPUT_WINDOW_BYTES ? true : undefined), 'all of it');
    for (let sent = 0; sent <= 2 * MAX_UNREAD_BYTES; sent += OUTPUT_WINDOW_BYTES) {
      await reader.attach(channel, 0);
      await reader.until(() => (reader.receivedBytes >= OUTPUT_WINDOW_BYTES ? true : undefined), 'a window');
    }
    expect(reader.closeCode).toBeNull();
    expect(reader.count('receipt.wanted')).toBeGreaterThan(0);
  });

  it('ends after its last byte, for each viewer at its own pace', async () => {
    const slow = await session.view();
    slow.acks = false;
    await slow.attach(channel, 0);
    await slow.shows('ready.');
    for (let bytes = 0; bytes < OUTPUT_WINDOW_BYTES + FRAME_BYTES; bytes += FRAME_BYTES)
      host.print(channel, FRAME);
    host.print(channel, 'last words');
    host.exit(channel, 7);
    const told = await viewer.take('terminal.exited');
    expect(told.exit.exitCode).toBe(7);
    expect(viewer.receivedBytes).toBe(told.exit.offset);
    expect(slow.count('terminal.exited')).toBe(0);
    slow.acks = true;
    slow.ack(channel, slow.receivedBytes);
    await slow.take('terminal.exited');
    expect(slow.receivedBytes).toBe(told.exit.offset);
  });

  it('one who had not read what it was sent when others got a screen in place of bytes is not left behind there', async () => {
    const slow = await session.view();
    slow.acks = false;
    await slow.attach(channel, 0);
    let end = 'ready.'.length;
    const print = (silent = false): void => {
      host.print(channel, FRAME, silent);
      end += FRAME_BYTES;
    };
    while (end <= OUTPUT_RESUME_BYTES) print();
    for (const each of [viewer, slow])
      await each.until(() => (each.receivedBytes === end ? true : undefined), 'all so far');

    // What the executor says when its ring lacks what a replay was to begin with: here is a screen, go on from there.
    print(true);
    const flags = SnapshotFlag.First | SnapshotFlag.Last;
    const payload = new TextEncoder().encode('\0\x50\0\x18screen');
    host.data.frame({ kind: FrameKind.Snapshot, flags, channel, offset: end, payload });
    await viewer.until(() => (viewer.screens === 1 ? true : undefined), 'the screen');
    expect(slow.receivedBytes).toBe(end - FRAME_BYTES);

    slow.acks = true;
    slow.ack(channel, slow.receivedBytes);
    await slow.until(() => (slow.receivedBytes === end ? true : undefined), 'what it lacks');
    expect(slow.screens).toBe(0);
    const frames = viewer.frames.length;
    print();
    for (const each of [viewer, slow])
      await each.until(() => (each.receivedBytes === end ? true : undefined), 'the rest');
    const offsets = viewer.frames
      .slice(frames)
      .flatMap(({ kind, offset }) => (kind === FrameKind.Output ? offset : []));
    expect(offsets).toEqual([end - FRAME_BYTES]);
    expect([viewer.screens, slow.screens]).toEqual([1, 0]);
  });
});
