import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { CloseCode } from '../../protocol/close-codes.ts';
import { VIEWER_LAG_BYTES } from '../../protocol/limits.ts';
import { FrameKind } from '../../protocol/stream/frame.ts';
import { ask } from '../testing/api.ts';
import { dialData, PlayedHost, PlayedSession, playTerminal, type Viewer } from '../testing/session.ts';

const FRAME_BYTES = 64 * 1024;
let host: PlayedHost;
let session: PlayedSession;
let viewer: Viewer;
let channel: number;

beforeEach(async () => {
  ({ host, session, viewer, channel } = await playTerminal());
});

describe('input', () => {
  it('carries the stream its sender was given, whatever the frame says', async () => {
    const other = await session.view();
    await other.attach(channel, 0);
    expect(other.stream).not.toBe(viewer.stream);
    const payload = new TextEncoder().encode('ls\r');
    viewer.frame({ kind: FrameKind.Input, channel, stream: other.stream, offset: 0, payload });
    const frame = await host.data.until(() => host.input[0], 'input');
    expect(frame.stream).toBe(viewer.stream);
    expect(frame.payload).toEqual(payload);
  });

  it('keeps its stream number across reconnects of the same client', async () => {
    const clientId = crypto.randomUUID();
    const first = await session.view(clientId);
    const again = await session.view(clientId);
    expect(again.stream).toBe(first.stream);
    expect(await first.closed()).toBe(CloseCode.Replaced);
  });
});

it('a hello that was held up on the way does not end the connection that followed it', async () => {
  const clientId = crypto.randomUUID();
  const heldUp = await session.arrive(clientId);
  const newer = await session.view(clientId);
  heldUp.send({ type: 'hello', clientId });
  expect(await heldUp.closed()).toBe(CloseCode.Replaced);
  await newer.attach(channel, 0);
  await newer.shows('ready.');
  expect(newer.closeCode).toBeNull();
});

describe('the host', () => {
  it('is placed anew when its link is lost, with a higher epoch, and viewers go on where they were', async () => {
    const before = host.epoch;
    host.data.socket.close(1000, 'gone');
    host.print(channel, 'meanwhile.', true);
    await host.serve(session.id);
    expect(host.epoch).toBe(before + 1);
    await viewer.shows('ready.meanwhile.');
  });

  it('gets the size that was asked for while its link broke', async () => {
    const size = { cols: 100, rows: 30 };
    const asked = (): number => host.told.filter(({ type }) => type === 'resize').length;
    host.resizes = false;
    viewer.send({ type: 'resize', channel, size, visible: true, take: true });
    await host.data.until(() => (asked() === 1 ? true : undefined), 'the resize');
    host.data.socket.close();
    host.resizes = true;
    await host.serve(session.id);
    expect(await viewer.take('terminal.resized')).toMatchObject(size);
    expect(asked()).toBe(2);
  });

  it('cannot come in twice with one ticket, and the one that is there stays', async () => {
    host.data.socket.close(1000, 'gone');
    const { ticket } = await host.placement(session.id);
    const current = await dialData(session.id, ticket);
    await current.take('sandbox.ensure');
    expect(await (await dialData(session.id, ticket)).closed()).toBe(CloseCode.Unauthenticated);
    expect(current.closeCode).toBeNull();
  });

  it('with a new incarnation has lost the terminals, and says so to viewers', async () => {
    host.data.socket.close(1000, 'gone');
    host.incarnation = crypto.randomUUID();
    await host.serve(session.id);
    const { exit } = await viewer.take('terminal.exited');
    expect(exit.reason).toBe('lost');
  });
});

it('who comes to a terminal whose sandbox is gone gets what is left of it, and its end', async () => {
  const block = new Uint8Array(FRAME_BYTES).fill(0x78);
  for (let bytes = 0; bytes < 2 * VIEWER_LAG_BYTES; bytes += FRAME_BYTES) {
    host.print(channel, block);
    const wanted = 6 + bytes + FRAME_BYTES;
    await viewer.until(() => (viewer.receivedBytes === wanted ? true : undefined), 'the next frame');
  }
  host.data.socket.close(1000, 'gone');
  host.incarnation = crypto.randomUUID();
  await host.serve(session.id);
  await viewer.take('terminal.exited');
  const late = await session.view();
  late.onFrame = (frame) => late.ack(channel, frame.offset + frame.payload.length);
  await late.attach(channel, null);
  expect((await late.take('terminal.exited')).exit.reason).toBe('lost');
});

it('a sandbox is on its way before its viewer has said a word', async () => {
  const fresh = await PlayedSession.create();
  const { token } = fresh;
  await ask(`/api/v1/sessions/${fresh.id}/tickets`, { method: 'POST', token });
  expect((await host.placement(fresh.id)).epoch).toBe(1);
});

it('an idle session is suspended by alarm, and its terminals end', { timeout: 15_000 }, async () => {
  const idle = await PlayedSession.create({ name: 'idle', idleTimeoutMs: 1_000 });
  const watcher = await idle.view();
  const own = new PlayedHost(host.control);
  const serving = own.serve(idle.id);
  await watcher.open();
  await serving;
  watcher.socket.close(1000, 'bye');
  await own.data.until(() => own.told.find(({ type }) => type === 'sandbox.suspend'), 'suspension');
  expect(await own.data.closed()).toBe(CloseCode.Normal);
  const answer = await ask(`/api/v1/sessions/${idle.id}`, { token: idle.token });
  expect(await answer.json()).toMatchObject({ status: 'suspended', terminals: [{ state: 'exited' }] });
});

it('nonsense gets typed errors, then the door; others notice nothing', { timeout: 30_000 }, async () => {
  const nonsense = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.string({ maxLength: 64 }).filter((text) => text !== 'ping'),
    fc.json({ maxDepth: 2 }),
    fc.constantFrom(
      '{"type":"hello"}',
      '{"type":"attach","channel":0}',
      '{"type":"terminal.close","channel":-1}',
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(nonsense, { minLength: 40, maxLength: 40 }), async (all) => {
      const rude = await session.view();
      for (const each of all) {
        if (rude.closeCode === null) rude.socket.send(each);
      }
      expect([CloseCode.ProtocolError, CloseCode.RateLimited]).toContain(await rude.closed());
      expect(rude.count('error')).toBeGreaterThan(0);
      const mark = crypto.randomUUID();
      viewer.text = '';
      host.print(channel, mark);
      await viewer.shows(mark);
    }),
    { numRuns: 10 },
  );
});
