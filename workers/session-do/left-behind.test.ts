import { expect, it } from 'vitest';
import { OUTPUT_RESUME_BYTES } from '../../protocol/limits.ts';
import { FrameKind, SnapshotFlag } from '../../protocol/stream/frame.ts';
import { PlayedHost, PlayedSession } from '../testing/session.ts';

const FRAME_BYTES = 64 * 1024;

it('one who had not read what it was sent when others got a screen in place of bytes is not left behind there', async () => {
  const host = await PlayedHost.join();
  const session = await PlayedSession.create();
  const quick = await session.view();
  const serving = host.serve(session.id);
  const { channel } = await quick.open();
  await serving;
  await host.opened(channel);
  const slow = await session.view();
  slow.acks = false;
  for (const viewer of [quick, slow]) await viewer.attach(channel, 0);
  const block = new Uint8Array(FRAME_BYTES).fill(0x78);
  let end = 0;
  const print = (silent = false): void => {
    host.print(channel, block, silent);
    end += FRAME_BYTES;
  };
  while (end <= OUTPUT_RESUME_BYTES) print();
  for (const viewer of [quick, slow])
    await viewer.until(() => (viewer.receivedBytes === end ? true : undefined), 'all so far');

  // What the executor says when its ring lacks what a replay was to begin with: here is a screen, go on from there.
  print(true);
  const flags = SnapshotFlag.First | SnapshotFlag.Last;
  const payload = new TextEncoder().encode('\0\x50\0\x18screen');
  host.data.frame({ kind: FrameKind.Snapshot, flags, channel, offset: end, payload });
  await quick.until(() => (quick.screens === 1 ? true : undefined), 'the screen');
  expect(slow.receivedBytes).toBe(end - FRAME_BYTES);

  slow.acks = true;
  slow.ack(channel, slow.receivedBytes);
  await slow.until(() => (slow.receivedBytes === end ? true : undefined), 'what it lacks');
  expect(slow.screens).toBe(0);
  const frames = quick.frames.length;
  print();
  for (const viewer of [quick, slow])
    await viewer.until(() => (viewer.receivedBytes === end ? true : undefined), 'the rest');
  const offsets = quick.frames
    .slice(frames)
    .flatMap(({ kind, offset }) => (kind === FrameKind.Output ? offset : []));
  expect(offsets).toEqual([end - FRAME_BYTES]);
  expect([quick.screens, slow.screens]).toEqual([1, 0]);
});
