import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { AnswerHead, intoOneBuffer, passOn } from './splice.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

test('the head of an answer is found however it is cut, and what follows is kept', () => {
  const lines = fc.array(fc.stringMatching(/^[a-z]{1,9}: [ -~]{0,20}$/), { maxLength: 5 });
  const status = fc.integer({ min: 100, max: 599 });
  fc.assert(
    fc.property(
      status,
      lines,
      fc.uint8Array({ maxLength: 50 }),
      fc.integer({ min: 1, max: 40 }),
      (...each) => {
        const [code, headers, rest, step] = each;
        const head = `HTTP/1.1 ${code} Some Words\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`;
        const all = Buffer.concat([Buffer.from(head), rest]);
        const answer = new AnswerHead();
        for (let at = 0; at < all.length; at += step) {
          const found = answer.feed(all.subarray(at, at + step));
          if (found === null) {
            expect(at + step).toBeLessThan(head.length);
            continue;
          }
          expect(found.status).toBe(code);
          expect(found.head.toString()).toBe(head);
          expect(found.rest).toEqual(all.subarray(head.length, at + step));
          return;
        }
      },
    ),
  );
});

test('what is no answer has no status, and a head without end is not waited for', () => {
  expect(new AnswerHead().feed(Buffer.from('SSH-2.0-x\r\n\r\n'))?.status).toBe(0);
  expect(new AnswerHead().feed(Buffer.alloc(10_000, 'x'))?.status).toBe(0);
});

/** A server and the one connection to it. */
async function listen(): Promise<{ port: number; accepted: Promise<Socket> }> {
  const server = createServer();
  servers.push(server);
  const accepted = once(server, 'connection').then(([socket]) => socket as Socket);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, accepted };
}

test('bytes pass unchanged through one buffer; a reader that stops holds the writer up', async () => {
  const [source, sink] = await Promise.all([listen(), listen()]);
  const to = connect({ host: '127.0.0.1', port: sink.port });
  const from: Socket = connect({
    host: '127.0.0.1',
    port: source.port,
    onread: intoOneBuffer(16 * 1024, (bytes) => passOn(bytes, from, to)),
  });
  const [writer, reader] = await Promise.all([source.accepted, sink.accepted]);
  reader.pause();
  const data = randomBytes(30_000_000);
  writer.write(data);
  // Until nothing moves any more: the system's own buffers are full.
  let written = -1;
  while (written !== to.bytesWritten || written === 0) {
    written = to.bytesWritten;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(written).toBeLessThan(data.length);
  expect(to.writableLength).toBeLessThanOrEqual(16 * 1024);
  const hash = createHash('sha256');
  let received = 0;
  for await (const chunk of reader) {
    hash.update(chunk as Buffer);
    received += (chunk as Buffer).length;
    if (received === data.length) break;
  }
  expect(hash.digest('hex')).toBe(createHash('sha256').update(data).digest('hex'));
  for (const socket of [from, to, writer]) socket.destroy();
});
