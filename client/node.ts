import { connect as connectAnywhere, type ConnectOptions } from './connect.ts';
import { openNodeSocket } from './node-socket.ts';
import type { Session } from './session.ts';

export * from './index.ts';
export { fileStorage } from './file-storage.ts';
export { openNodeSocket };

/** As everywhere, with sockets of `ws`: Node 20 has none of its own. */
export function connect(options: ConnectOptions): Promise<Session> {
  return connectAnywhere({ openSocket: openNodeSocket, ...options });
}
