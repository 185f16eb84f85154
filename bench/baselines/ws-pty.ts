import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { within } from '../../test/support/deadline.ts';
import { type BenchTerminal, type Contestant } from '../terminal.ts';

const START_TIMEOUT_MS = 10_000;

/** `ws` and a PTY in one Node process, reached over loopback: what a terminal server costs without an edge. */
export async function startWsPty(): Promise<Contestant> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'ws-server.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const [port] = (await within(once(lines, 'line'), START_TIMEOUT_MS, 'ws + PTY server')) as [string];
  return {
    name: 'ws + PTY',
    open: (command) => openWsPty(`ws://127.0.0.1:${port}`, command),
    async close() {
      const ended = once(child, 'exit');
      child.stdin.end();
      await within(ended, START_TIMEOUT_MS, 'end of ws + PTY server');
    },
  };
}

async function openWsPty(url: string, command: readonly string[]): Promise<BenchTerminal> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await within(once(socket, 'open'), START_TIMEOUT_MS, 'ws + PTY connection');
  let receive: (bytes: Uint8Array) => unknown = () => undefined;
  socket.on('message', (data) => void receive(Buffer.isBuffer(data) ? data : Buffer.from(String(data))));
  socket.send(JSON.stringify(command));
  return {
    write: (data) => socket.send(data),
    listen: (listener) => {
      receive = listener;
    },
    async close() {
      const closed = once(socket, 'close');
      socket.close();
      await within(closed, START_TIMEOUT_MS, 'ws + PTY close');
    },
  };
}
