import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { CloseCode } from '../../protocol/close-codes.ts';
import { decodeOffset, FrameKind } from '../../protocol/stream/frame.ts';
import { PlayedHost, PlayedSession, type Viewer } from '../testing/session.ts';

const READY = 'ready.';
const key = new TextEncoder().encode('x');
let host: PlayedHost;
let session: PlayedSession;
let viewer: Viewer;
let channel: number;

/** A session with one viewer that has seen everything its terminal printed. */
beforeEach(async () => {
  host = await PlayedHost.join();
  session = await PlayedSession.create();
  viewer = await session.view();
  const serving = host.serve(session.id);
  channel = (await viewer.open()).channel;
  await serving;
  await host.opened(channel);
  await viewer.attach(channel, 0);
  host.print(channel, READY);
  await viewer.shows(READY);
  await host.data.until(() => (host.acks.includes(READY.length) ? true : undefined), 'the acknowledgement');
});

/** What the executor says of the one terminal when nothing happens. */
function sayQuiet(inputs: [number, number][] = []): void {
  host.data.send({
    type: 'session.quiet',
    terminals: [{ channel, outputOffset: READY.length, inputs }],
  });
}

/** The session at rest. The actor slept before, so that nothing it sent can still be on its way. */
async function rest(inputs: [number, number][] = []): Promise<void> {
  await evictDurableObject(session.actor);
  sayQuiet(inputs);
  expect(await host.data.closed()).toBe(CloseCode.Resting);
  await viewer.hostIs('resting');
}

/** The next link; the executor has `text` more by then. */
async function linkedAgain(text = ''): Promise<void> {
  const before = host.epoch;
  if (text !== '') host.print(channel, text, true);
  await host.serve(session.id);
  expect(host.epoch).toBe(before + 1);
}

describe('a session in which nothing happens', () => {
  it('gives its link back and keeps its viewer, which is told no alarm', async () => {
    await rest();
    await evictDurableObject(session.actor);
    expect(viewer.closeCode).toBeNull();
    expect(viewer.count('error')).toBe(0);
  });

  it('keeps the link while a viewer has not consumed everything', async () => {
    const slow = await session.view();
    slow.acks = false;
    await slow.attach(channel, 0);
    await slow.shows(READY);
    await evictDurableObject(session.actor);
    sayQuiet();
    host.print(channel, 'on.');
    await viewer.shows('ready.on.');
    expect(host.data.closeCode).toBeNull();
  });

  it('keeps the link while something it sent may still be on its way', async () => {
    viewer.frame({ kind: FrameKind.Input, channel, stream: viewer.stream, offset: 0, payload: key });
    await host.data.until(() => host.input[0], 'input');
    sayQuiet();
    host.print(channel, 'on.');
    await viewer.shows('ready.on.');
    expect(host.data.closeCode).toBeNull();
  });
});

describe('a resting session gets a link again', () => {
  it('by the first key, which its viewer then sends again', async () => {
    await rest();
    viewer.frames.length = 0;
    viewer.frame({ kind: FrameKind.Input, channel, stream: viewer.stream, offset: 0, payload: key });
    await linkedAgain();
    const resume = await viewer.takeFrame(FrameKind.InputResume);
    expect(resume).toMatchObject({ channel, stream: viewer.stream, offset: 0 });
  });

  it('by the first output, which its host announces; the output goes on at its offset', async () => {
    await rest();
    host.control.send({ type: 'session.wants', sessions: [{ sessionId: session.id, epoch: host.epoch }] });
    await linkedAgain('more.');
    await viewer.shows('ready.more.');
    expect(viewer.screens).toBe(0);
  });

  it('by a new viewer, which needs a screen', async () => {
    await rest();
    const late = await session.view();
    late.send({ type: 'attach', channel, offset: null });
    await linkedAgain();
    await late.until(() => (late.screens > 0 ? true : undefined), 'a screen');
  });

  it('by the closing of a terminal, which the executor then learns', async () => {
    await rest();
    viewer.send({ type: 'terminal.close', channel });
    expect((await viewer.take('terminal.exited')).exit.reason).toBe('closed');
    await linkedAgain();
    await host.data.until(() => host.told.find(({ type }) => type === 'terminal.close'), 'the closing');
  });

  it('but not for the word of an older epoch, nor by a viewer that comes back to where it was', async () => {
    await rest([[viewer.stream, 7]]);
    const { epoch } = host;
    host.control.send({ type: 'session.wants', sessions: [{ sessionId: session.id, epoch: epoch - 1 }] });
    viewer.socket.close(1000, 'bye');
    const back = await session.view(viewer.clientId);
    await back.attach(channel, READY.length);
    const resume = await back.takeFrame(FrameKind.InputResume);
    expect(resume).toMatchObject({ channel, stream: viewer.stream, offset: 7 });
    expect(decodeOffset(resume.payload)).toBe(READY.length);
    // Coming back after the actor was away, too: it writes nothing, however many come back at once.
    await evictDurableObject(session.actor);
    const again = await session.view(viewer.clientId);
    await again.attach(channel, READY.length);
    await again.takeFrame(FrameKind.InputResume);
    const written = await runInDurableObject(session.actor, (_actor, { storage }) =>
      storage.sql.exec('SELECT total_changes() AS rows').one(),
    );
    expect(written).toEqual({ rows: 0 });
    // Only now is it placed, so none of the above did it.
    again.frame({ kind: FrameKind.Input, channel, stream: again.stream, offset: 7, payload: key });
    await linkedAgain();
  });
});

it('to be there is use: who leaves after a long quiet time leaves the session its idle time', async () => {
  const idleTimeoutMs = 1_000;
  const idle = await PlayedSession.create({ idleTimeoutMs });
  const watcher = await idle.view();
  const serving = new PlayedHost(host.control).serve(idle.id);
  await watcher.open();
  await serving;
  const read = (query: string): Promise<number> =>
    runInDurableObject(idle.actor, (_actor, { storage }) =>
      Number(Object.values(storage.sql.exec(query).toArray()[0] ?? {})[0] ?? 0),
    );
  const usedAtMs = (): Promise<number> => read('SELECT last_accessed_at_ms FROM session');
  await vi.waitUntil(async () => Date.now() - (await usedAtMs()) > idleTimeoutMs, { timeout: 5_000 });
  const leftAtMs = Date.now();
  watcher.socket.close(1000, 'bye');
  const dueAtMs = await vi.waitUntil(() => read("SELECT at_ms FROM timers WHERE name = 'idle'"));
  expect(dueAtMs).toBeGreaterThanOrEqual(leftAtMs + idleTimeoutMs);
});
