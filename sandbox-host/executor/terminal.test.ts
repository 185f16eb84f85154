import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WebSocket, { WebSocketServer } from 'ws';
import { afterEach, expect, test } from 'vitest';
import { INPUT_WINDOW_BYTES, OUTPUT_WINDOW_BYTES } from '../../protocol/limits.ts';
import { decodeFrame, type Frame, FrameKind } from '../../protocol/stream/frame.ts';
import { InputSender } from '../../protocol/stream/input-sender.ts';
import { Link } from './link.ts';
import { ExecutorTerminal } from './terminal.ts';

const CHANNEL = 1;
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A real socket: what the terminal sends on `link` arrives in `frames`. */
async function connect(): Promise<{
  link: Link;
  client: WebSocket;
  frames: Frame[];
  until: (check: () => boolean) => Promise<void>;
}> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [accepted] = (await once(server, 'connection')) as [WebSocket];
  closers.push(() => {
    client.terminate();
    server.close();
  });
  const frames: Frame[] = [];
  const waiting: { check: () => boolean; resolve: () => void }[] = [];
  client.on('message', (data: Buffer, isBinary: boolean) => {
    const result = isBinary ? decodeFrame(data) : null;
    if (result?.ok === true) frames.push(result.frame);
    for (const waiter of [...waiting]) if (waiter.check()) waiter.resolve();
  });
  const until = (check: () => boolean): Promise<void> =>
    check() ? Promise.resolve() : new Promise((resolve) => waiting.push({ check, resolve }));
  return { link: new Link(accepted), client, frames, until };
}

function start(script: string): { terminal: ExecutorTerminal; exited: Promise<void> } {
  let done: () => void = () => undefined;
  const exited = new Promise<void>((resolve) => {
    done = resolve;
  });
  const plan = { file: '/bin/sh', args: ['-c', script], env: { PATH: '/usr/bin:/bin', TERM: 'xterm' } };
  const terminal = new ExecutorTerminal(CHANNEL, plan, { cols: 80, rows: 24 }, () => done());
  closers.push(() => terminal.close('closed'));
  return { terminal, exited };
}

const text = (frames: Frame[]): string =>
  Buffer.concat(
    frames.filter(({ kind }) => kind === FrameKind.Output).map(({ payload }) => payload),
  ).toString();

test('a second link goes on at the offset it names, byte by byte', async () => {
  const { terminal, exited } = start('stty raw -echo; echo one; cat');
  const first = await connect();
  await terminal.follow(first.link, 0);
  await first.until(() => text(first.frames).includes('one'));
  const have = terminal.info().outputOffset;
  terminal.unfollow(first.link);
  const second = await connect();
  const typed = Buffer.from('two');
  const input = { kind: FrameKind.Input, flags: 0, channel: CHANNEL, stream: 1, offset: 0, payload: typed };
  terminal.input(input, second.link);
  await terminal.follow(second.link, have - 2);
  await second.until(() => text(second.frames).includes('two'));
  expect(text(second.frames)).toMatch(/^.?\ntwo$|^e?\r?\ntwo$/s);
  terminal.close('closed');
  await exited;
});

test('input sent twice is typed once', async () => {
  const { terminal } = start('stty raw -echo; printf go; cat');
  const { link, frames, until } = await connect();
  await terminal.follow(link, 0);
  await until(() => text(frames).includes('go'));
  const frame = (offset: number, payload: string): Frame => ({
    ...{ kind: FrameKind.Input, flags: 0, channel: CHANNEL, stream: 7 },
    ...{ offset, payload: Buffer.from(payload) },
  });
  terminal.input(frame(0, 'abc'), link);
  terminal.input(frame(0, 'abc'), link);
  terminal.input(frame(9, 'zzz'), link);
  terminal.input(frame(2, 'cdef'), link);
  await until(() => text(frames).includes('f'));
  expect(text(frames)).toBe('goabcdef');
  expect(frames.some(({ kind, offset }) => kind === FrameKind.InputResume && offset === 3)).toBe(true);
});

test('a reader that does not acknowledge holds the program at its window, and acknowledging frees it', async () => {
  const bytes = 3_000_000;
  const { terminal, exited } = start(`head -c ${bytes} /dev/zero | tr '\\0' x`);
  const { link, frames, until } = await connect();
  await terminal.follow(link, 0);
  await until(() => terminal.info().outputOffset > OUTPUT_WINDOW_BYTES);
  expect(terminal.info().outputOffset).toBeLessThan(2 * OUTPUT_WINDOW_BYTES);
  expect(terminal.running).toBe(true);
  const acknowledge = (): boolean => {
    terminal.ack(text(frames).length);
    return text(frames).length === bytes;
  };
  await until(acknowledge);
  await exited;
  expect(terminal.info().exit).toMatchObject({ offset: bytes, exitCode: 0, reason: 'exited' });
});

test('a latecomer whose offset is no longer kept gets an exact screen', async () => {
  const marker = randomUUID();
  const { terminal, exited } = start(`seq 600000; printf '${marker}'`);
  const first = await connect();
  await terminal.follow(first.link, 0);
  await first.until(() => {
    terminal.ack(terminal.info().outputOffset);
    return text(first.frames.slice(-3)).includes(marker);
  });
  await exited;
  const late = await connect();
  await terminal.follow(late.link, 0);
  await late.until(() => late.frames.some(({ kind }) => kind === FrameKind.Snapshot));
  const snapshot = late.frames.find(({ kind }) => kind === FrameKind.Snapshot);
  expect(snapshot?.offset).toBe(terminal.info().outputOffset);
  const screen = Buffer.concat(
    late.frames.filter(({ kind }) => kind === FrameKind.Snapshot).map(({ payload }) => payload),
  );
  expect(screen.toString()).toContain(`600000\r\n${marker}`);
});

test('a link that is not read is not filled without bound, whatever was acknowledged', async () => {
  const { link, client } = await connect();
  const { terminal, exited } = start('head -c 60000000 /dev/zero | tr "\\0" x');
  if (client.readyState !== client.OPEN) await once(client, 'open');
  client.pause();
  void terminal.follow(link, 0);
  let most = 0;
  const acks = setInterval(() => {
    terminal.ack(terminal.info().outputOffset);
    most = Math.max(most, link.bufferedBytes);
  }, 1);
  await exited;
  clearInterval(acks);
  expect(terminal.info().outputOffset).toBe(60_000_000);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(3 * OUTPUT_WINDOW_BYTES);
});

test('input that does not fit is asked for again once there is room, not before', async () => {
  const gate = join(mkdtempSync(join(tmpdir(), 'alex-input-')), 'open');
  const { terminal } = start(
    `stty raw -echo; printf go; until [ -e ${gate} ]; do sleep 0.02; done; head -c ${3 * INPUT_WINDOW_BYTES} | wc -c`,
  );
  const { link, frames, until } = await connect();
  await terminal.follow(link, 0);
  await until(() => text(frames).includes('go'));
  const senders = [1, 2, 3].map((stream) => ({ stream, sender: new InputSender() }));
  for (const { stream, sender } of senders) {
    sender.push(new Uint8Array(INPUT_WINDOW_BYTES));
    sender.resume(0);
    flush(stream, sender);
  }
  function flush(stream: number, sender: InputSender): void {
    for (let chunk = sender.next(); chunk !== null; chunk = sender.next())
      terminal.input({ kind: FrameKind.Input, flags: 0, channel: CHANNEL, stream, ...chunk }, link);
  }
  // Behind everything that could be answered to what was sent.
  terminal.syncInput(link, 9);
  await until(() => frames.some(({ stream }) => stream === 9));
  expect(frames.filter(({ kind, stream }) => kind === FrameKind.InputResume && stream !== 9)).toEqual([]);
  writeFileSync(gate, '');
  let seen = 0;
  await until(() => {
    for (const frame of frames.slice(seen)) {
      const of = senders.find(({ stream }) => stream === frame.stream)?.sender;
      if (frame.kind === FrameKind.InputAck) of?.ack(frame.offset);
      if (frame.kind !== FrameKind.InputResume || of === undefined) continue;
      of.resume(frame.offset);
      flush(frame.stream, of);
    }
    seen = frames.length;
    return text(frames).includes(String(3 * INPUT_WINDOW_BYTES));
  });
});

test('who goes on at an offset is told the sizes from there before the output', async () => {
  const { terminal, exited } = start('stty raw -echo; printf 12; cat');
  const first = await connect();
  await terminal.follow(first.link, 0);
  await first.until(() => text(first.frames).includes('12'));
  const at = terminal.info().outputOffset;
  terminal.resize({ cols: 100, rows: 30 });
  terminal.resize({ cols: 90, rows: 30 });
  const second = await connect();
  const told: string[] = [];
  second.client.on('message', (data: Buffer, isBinary: boolean) => {
    told.push(isBinary ? 'output' : data.toString());
  });
  await terminal.follow(second.link, at - 1);
  await second.until(() => second.frames.length > 0);
  const changes = [{ offset: at, cols: 90, rows: 30 }];
  expect(JSON.parse(told[0] ?? '')).toEqual({
    ...{ type: 'terminal.sizes', channel: CHANNEL, offset: at - 1, changes },
  });
  expect(told[1]).toBe('output');
  terminal.close('closed');
  await exited;
});
