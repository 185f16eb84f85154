import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type WebSocket from 'ws';
import { CloseCode } from '../../protocol/close-codes.ts';
import { HostToSession, SandboxSpec } from '../../protocol/messages/host.ts';
import { decodeFrame, encodeFrame, FrameKind } from '../../protocol/stream/frame.ts';
import { createDriver } from '../drivers/index.ts';
import { dialExecutor, executorIsHealthy, listExecutorSessions } from '../host/executor-client.ts';
import { ExecutorServer } from './server.ts';

/** The executor's door, on a real socket with real sandboxes behind it. */
const folder = mkdtempSync(join(tmpdir(), 'alex-executor-'));
const log = pino({ level: 'silent' });
const server = new ExecutorServer('secret', createDriver('bubblewrap', { dataDir: folder, log }), log);
const address = { executorSocket: join(folder, 'socket'), executorTokenFile: join(folder, 'token') };
const CHANNEL = 1;
const KEPT_SESSION = 'k'.repeat(22);

beforeAll(async () => {
  writeFileSync(address.executorTokenFile, 'secret');
  await server.listen(address.executorSocket);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The actor's end of a link: what came, and waiting for it. */
class Actor {
  readonly socket: WebSocket;
  readonly messages: HostToSession[] = [];
  output = '';
  closeCode: number | null = null;
  #wake: () => void = () => undefined;

  constructor(sessionId: string, epoch: number, at = address) {
    this.socket = dialExecutor(at, sessionId, epoch);
    this.socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (!isBinary) this.messages.push(HostToSession.parse(JSON.parse(data.toString())));
      const decoded = isBinary ? decodeFrame(data) : null;
      if (decoded?.ok === true && decoded.frame.kind === FrameKind.Output) {
        this.output += Buffer.from(decoded.frame.payload).toString();
      }
      this.#wake();
    });
    this.socket.on('error', () => undefined);
    this.socket.on('open', () => this.#wake());
    this.socket.on('close', (code) => {
      this.closeCode = code;
      this.#wake();
    });
  }

  async until(done: () => boolean): Promise<void> {
    while (!done()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  async open(): Promise<this> {
    await this.until(() => this.socket.readyState === this.socket.OPEN);
    return this;
  }

  send(message: unknown): void {
    this.socket.send(JSON.stringify(message));
  }

  async heard<Type extends HostToSession['type']>(
    type: Type,
  ): Promise<Extract<HostToSession, { type: Type }>> {
    await this.until(() => this.messages.some((message) => message.type === type));
    return this.messages.find((message) => message.type === type) as Extract<HostToSession, { type: Type }>;
  }

  /** A sandbox with one shell command in it. */
  async run(sessionId: string, script: string): Promise<void> {
    const spec = SandboxSpec.parse({ sessionId, userId: 'u1', workspaceId: 'w1', limits: {} });
    this.send({ type: 'sandbox.ensure', epoch: 1, spec });
    const command = ['/bin/sh', '-c', script];
    this.send({ type: 'terminal.open', channel: CHANNEL, size: { cols: 80, rows: 24 }, command });
    await this.heard('terminal.opened');
  }

  type(offset: number, text: string): void {
    const payload = new TextEncoder().encode(text);
    this.socket.send(encodeFrame({ kind: FrameKind.Input, channel: CHANNEL, stream: 1, offset, payload }));
  }
}

test('nobody without the token is let in', async () => {
  const wrong = { ...address, executorTokenFile: join(folder, 'wrong') };
  writeFileSync(wrong.executorTokenFile, 'guessed');
  expect(await executorIsHealthy(address)).toBe(true);
  expect(await executorIsHealthy(wrong)).toBe(false);
  const stranger = new Actor(KEPT_SESSION, 1, wrong);
  await stranger.until(() => stranger.closeCode !== null);
  expect(await listExecutorSessions(address)).toEqual([]);
});

test('a shell goes on when its link is replaced, and older epochs are refused', async () => {
  const first = await new Actor(KEPT_SESSION, 1).open();
  await first.run(KEPT_SESSION, 'while read -r line; do echo "got $line"; done');
  first.type(0, 'one\n');
  await first.until(() => first.output.includes('got one'));

  const second = await new Actor(KEPT_SESSION, 2).open();
  await first.until(() => first.closeCode !== null);
  expect(first.closeCode).toBe(CloseCode.Replaced);
  second.send({ type: 'replay', channel: CHANNEL, offset: 0 });
  // The first line once more, recognised by its offset; then the next.
  second.type(0, 'one\n');
  second.type(4, 'two\n');
  await second.until(() => second.output.includes('got two'));
  expect(second.output.match(/got one/g)).toHaveLength(1);

  const stale = new Actor(KEPT_SESSION, 1);
  await stale.until(() => stale.closeCode !== null);
  expect(stale.closeCode).toBe(CloseCode.StaleEpoch);
  expect(second.closeCode).toBeNull();
  expect(await listExecutorSessions(address)).toMatchObject([
    { sessionId: KEPT_SESSION, epoch: 2, running: true },
  ]);
  second.socket.close();
});

test('what is not of the protocol gets an error and the door; the neighbour goes on', async () => {
  const neighbour = await new Actor(KEPT_SESSION, 3).open();
  neighbour.send({ type: 'replay', channel: CHANNEL, offset: 0 });
  let offset = 8;
  let epoch = 1;
  const nonsense = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.string({ maxLength: 80 }),
    fc.json({ maxDepth: 2 }),
    fc.constantFrom(
      '{"type":"resize","channel":1,"size":{"cols":0,"rows":-1}}',
      '{"type":"replay","channel":1}',
    ),
  );
  await fc.assert(
    fc.asyncProperty(nonsense, async (bytes) => {
      const rude = await new Actor('r'.repeat(22), epoch++).open();
      rude.socket.send(bytes);
      await rude.until(() => rude.closeCode !== null);
      expect(rude.closeCode).toBe(CloseCode.ProtocolError);
      expect(rude.messages[0]?.type).toBe('error');
      const line = `after ${epoch}\n`;
      neighbour.type(offset, line);
      offset += line.length;
      await neighbour.until(() => neighbour.output.includes(`got ${line.trim()}`));
    }),
    { numRuns: 50 },
  );
  neighbour.socket.close();
});

test('a terminal ends after its last byte, and commands for none get an error', async () => {
  const sessionId = 'e'.repeat(22);
  const actor = await new Actor(sessionId, 1).open();
  await actor.run(sessionId, 'echo last words; exit 9');
  const { exit } = await actor.heard('terminal.exited');
  expect(exit).toMatchObject({ exitCode: 9, reason: 'exited', offset: actor.output.length });
  expect(actor.output).toBe('last words\r\n');
  actor.send({ type: 'resize', channel: 77, size: { cols: 80, rows: 24 } });
  expect(await actor.heard('error')).toMatchObject({ code: 'terminal-not-found', channel: 77 });
  actor.send({ type: 'sandbox.destroy' });
  expect(await actor.heard('sandbox.stopped')).toMatchObject({ reason: 'destroyed' });
  actor.socket.close();
});
