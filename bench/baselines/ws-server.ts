import pty from '@lydell/node-pty';
import { WebSocketServer } from 'ws';
import { z } from 'zod';

/**
 * The plainest terminal server there is, in a process of its own: one WebSocket per PTY, each read sent as it comes, no flow control, no
 * resume. The first message is the command. Prints its port and ends with its standard input.
 */
const Command = z.array(z.string()).min(1);
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });

server.on('connection', (socket) => {
  socket.once('message', (first) => {
    const [file = 'sh', ...args] = Command.parse(JSON.parse(String(first)));
    const child = pty.spawn(file, args, { cols: 80, rows: 24, encoding: null, name: 'xterm-256color' });
    child.onData((data: string | Uint8Array) => socket.send(data));
    child.onExit(() => socket.close());
    socket.on('message', (data) => child.write(String(data)));
    socket.on('close', () => child.kill('SIGKILL'));
  });
});

server.on('listening', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) console.log(address.port);
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
