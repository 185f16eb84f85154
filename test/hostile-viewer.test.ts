import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { CloseCode, SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX } from '../protocol/close-codes.ts';
import { encodeFrame, FRAME_HEADER_BYTES, FrameKind, MAX_FRAME_BYTES } from '../protocol/stream/frame.ts';
import { createSession } from './support/api.ts';
import { PtyClient, type RemoteTerminal } from './support/pty-client.ts';
import { mintTicket, RawViewer } from './support/raw-viewer.ts';
import { Stack } from './support/stack.ts';

/** One viewer says everything it should not; the other one, on the same session, must notice nothing. */
let stack: Stack;
let viewer: PtyClient;
let terminal: RemoteTerminal;
let sessionId: string;

beforeAll(async () => {
  stack = await Stack.start();
  sessionId = (await createSession(stack, 'hostile')).id;
  viewer = await PtyClient.connect(stack, sessionId);
  terminal = await viewer.open({ command: ['sh', '-c', 'stty -echo; printf ready; exec cat'] });
  await terminal.screen.waitFor('ready');
});
afterAll(async () => {
  viewer.close();
  await stack.stop();
});

let lines = 0;
/** The bystander types a line and sees it, on the connection it has had all along. */
async function bystanderNotices(): Promise<void> {
  lines += 1;
  terminal.type(`bystander ${lines}\r`);
  await terminal.screen.waitFor(`bystander ${lines}`);
  expect(viewer.reconnects).toBe(0);
}

describe('frames that are not of the protocol', () => {
  const frame = (change: (bytes: Uint8Array) => void): Uint8Array => {
    const bytes = encodeFrame({ kind: FrameKind.Input, channel: 1, offset: 0, payload: Uint8Array.of(0x61) });
    change(bytes);
    return bytes;
  };
  it.each([
    ['frame-too-short', () => new Uint8Array(19)],
    ['frame-too-large', () => new Uint8Array(MAX_FRAME_BYTES + 1)],
    ['frame-kind-unknown', () => frame((bytes) => bytes.set([99], 0))],
    ['frame-flags-invalid', () => frame((bytes) => bytes.set([1], 1))],
    ['frame-reserved-not-zero', () => frame((bytes) => bytes.set([1], 3))],
    ['frame-offset-unsafe', () => frame((bytes) => bytes.set([0xff], 12))],
    ['frame-payload-invalid', () => frame(() => undefined).subarray(0, FRAME_HEADER_BYTES)],
    ['frame-channel-not-attached', () => frame(() => undefined)],
    [
      'frame-kind-not-allowed',
      () => encodeFrame({ kind: FrameKind.Output, channel: 1, offset: 0, payload: Uint8Array.of(1) }),
    ],
  ])('%s is answered so', async (code, make) => {
    const raw = await RawViewer.connect(stack, sessionId);
    raw.socket.send(make());
    expect(await raw.message('error')).toMatchObject({ code });
    raw.close();
    await bystanderNotices();
  });

  it('again and again they end the socket with 4400', async () => {
    const raw = await RawViewer.connect(stack, sessionId);
    for (let i = 0; i < 100; i += 1) raw.socket.send(Uint8Array.of(i));
    expect((await raw.end()).code).toBe(CloseCode.ProtocolError);
    await bystanderNotices();
  });
});

describe('messages that are not of the protocol', () => {
  it.each([
    ['no JSON', 'certainly not json'],
    ['no object', '[]'],
    ['an unknown type', '{"type":"sudo"}'],
    ['a member out of range', '{"type":"resize","channel":1,"size":{"cols":100000,"rows":1}}'],
    ['too large', JSON.stringify({ type: 'hello', clientId: 'x'.repeat(70_000) })],
  ])('%s is answered with a typed error', async (_what, text) => {
    const raw = await RawViewer.connect(stack, sessionId);
    raw.socket.send(text);
    expect(await raw.message('error')).toMatchObject({ code: expect.stringMatching(/^message-/) as string });
    raw.close();
    await bystanderNotices();
  });

  it('nothing is done before hello', async () => {
    const raw = await RawViewer.connect(stack, sessionId, false);
    raw.send({ type: 'attach', channel: terminal.channel, offset: null });
    expect(await raw.message('error')).toMatchObject({ code: 'hello-expected' });
    raw.close();
    await bystanderNotices();
  });
});

describe('doors', () => {
  it('no ticket, a made-up ticket and a ticket used twice open nothing', async () => {
    const url = `${stack.url.replace('http', 'ws')}/ws/v1/sessions/${sessionId}`;
    const ticket = await mintTicket(stack, sessionId);
    const first = await RawViewer.connect(stack, sessionId, true, ticket);
    for (const tried of [null, 'made-up', ticket]) {
      const protocols = [SUBPROTOCOL, ...(tried === null ? [] : [`${TICKET_SUBPROTOCOL_PREFIX}${tried}`])];
      const socket = new WebSocket(url, protocols);
      const outcome = await new Promise<string>((resolve) => {
        socket.on('unexpected-response', (_request, response) => resolve(`http ${response.statusCode}`));
        socket.on('close', (code) => resolve(`close ${code}`));
        socket.on('error', () => undefined);
      });
      expect(outcome).toMatch(/^(http 401|close 4401)$/);
    }
    first.close();
    await bystanderNotices();
  });

  it('more control messages than anybody types end in 4429 or errors, not in silence for others', async () => {
    const raw = await RawViewer.connect(stack, sessionId);
    for (let i = 0; i < 2_000; i += 1) raw.send({ type: 'events.since', version: 0 });
    const answer = await Promise.race([raw.end(), raw.message('error')]);
    expect(answer).toMatchObject(
      'type' in answer ? { code: 'rate-limited' } : { code: CloseCode.RateLimited },
    );
    raw.close();
    await bystanderNotices();
  });
});

describe('anything at all', () => {
  it('harms nobody else', async () => {
    // The hostile one may type into what it attached to; that is this terminal, not the bystander's.
    const victim = await viewer.open({ command: ['cat'] });
    const bytes = fc.uint8Array({ maxLength: 200 });
    const nearly = fc
      .record({
        kind: fc.integer({ min: 0, max: 8 }),
        flags: fc.constantFrom(0, 0, 0, 1, 3),
        channel: fc.constantFrom(0, 1, 2, 77, 0xffff_ffff),
        offset: fc.oneof(fc.nat(), fc.maxSafeNat()),
        payload: fc.uint8Array({ maxLength: 30 }),
      })
      .map(({ kind, ...rest }) => {
        const encoded = encodeFrame({ ...rest, kind: FrameKind.Input });
        encoded.set([kind], 0);
        return encoded;
      });
    const message = fc.record({
      type: fc.constantFrom(
        'hello',
        'attach',
        'detach',
        'resize',
        'terminal.close',
        'terminal.rename',
        'events.since',
      ),
      // Never the bystander's own number: a participant may close any terminal, and that is no harm done by accident.
      channel: fc.oneof(fc.integer({ min: 99 }), fc.integer({ max: 0 }), fc.string(), fc.constant(null)),
      offset: fc.oneof(fc.integer(), fc.constant(null)),
      clientId: fc.string(),
      size: fc.anything(),
    });
    const item = fc.oneof(
      bytes,
      nearly,
      fc.string(),
      message.map((value) => JSON.stringify(value)),
    );
    const schedules = fc.sample(fc.array(item, { minLength: 1, maxLength: 40 }), {
      numRuns: 40,
      seed: 20_261_124,
    });
    for (const schedule of schedules) {
      const raw = await RawViewer.connect(stack, sessionId);
      raw.send({ type: 'attach', channel: victim.channel, offset: null });
      for (const each of schedule) if (raw.socket.readyState === WebSocket.OPEN) raw.socket.send(each);
      await bystanderNotices();
      raw.close();
    }
  });
});
