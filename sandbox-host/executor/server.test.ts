import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { CloseCode } from '../../protocol/close-codes.ts';
import { DataLink, type LinkEnd } from '../host/data-link.ts';
import {
  executorIsHealthy,
  followExecutor,
  listExecutorSessions,
  suspendSession,
} from '../host/executor-client.ts';
import { Actor, address, CHANNEL, closeExecutor, folder, log, openExecutor } from './testing/executor.ts';

/** The executor's door and the host's links to it, on real sockets, with real sandboxes behind. */
const KEPT_SESSION = 'k'.repeat(22);

beforeAll(openExecutor);
afterAll(closeExecutor);

test('nobody without the token is let in', async () => {
  const wrong = { ...address, executorTokenFile: join(folder, 'wrong') };
  writeFileSync(wrong.executorTokenFile, 'guessed');
  expect(await executorIsHealthy(address)).toBe(true);
  expect(await executorIsHealthy(wrong)).toBe(false);
  await expect(followExecutor(wrong, new AbortController().signal)).rejects.toThrow('401');
  const stranger = new Actor(KEPT_SESSION, 1, wrong);
  await stranger.until(() => stranger.end !== null);
  expect(stranger.end).toEqual({ failed: true, detail: 'the executor refused the stream (401)' });
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
  await stale.until(() => stale.end !== null);
  expect(stale.end).toEqual({ failed: true, detail: 'the executor refused the stream (409)' });
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

test('a session that left is stopped, unless a newer placement has it', async () => {
  const sessionId = 's'.repeat(22);
  const actor = await new Actor(sessionId, 5).open();
  await actor.run(sessionId, 'sleep 1000');
  await expect(suspendSession(address, sessionId, 4)).rejects.toThrow('409');
  actor.link.close('released', { suspend: true });
  await actor.until(() => actor.closeCode !== null);
  await suspendSession(address, sessionId, 5);
  const listed = (await listExecutorSessions(address)).find((each) => each.sessionId === sessionId);
  expect(listed).toMatchObject({ epoch: 5, running: false });
});

test('a link fails when the edge does not let the executor in', async () => {
  const closed = new WebSocketServer({ host: '127.0.0.1', port: 0, verifyClient: () => false });
  await once(closed, 'listening');
  const edgeUrl = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`;
  const host = { hostId: 'h', region: 'r', hostKey: {}, capacity: 1, driver: 'bubblewrap', ...address };
  const placement = { sessionId: 'f'.repeat(22), epoch: 1, ticket: 'none' };
  const end = await new Promise<LinkEnd>((resolve) => {
    new DataLink({ ...host, edgeUrl }, placement, log, resolve);
  });
  expect(end).toEqual({ failed: true, detail: 'the edge refused the stream (401)' });
  closed.close();
});
