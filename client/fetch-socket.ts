import type { FetchFunction } from './api-transport.ts';
import { ABNORMAL_CLOSURE, type ClientSocket, type OpenSocket, type SocketEvents } from './socket.ts';

/** A WebSocket as Workers give it with the answer to an upgrade. */
type WorkerSocket = WebSocket & { accept(): void };

/**
 * WebSockets by way of `fetch`, as Workers open them: through a service binding, say, to an edge in the same account. Pass it
 * as `openSocket` together with the same `fetch`.
 */
export function openSocketBy(fetch: FetchFunction): OpenSocket {
  return (url, protocols, events) => {
    const link: { socket: WorkerSocket | null; closed: boolean } = { socket: null, closed: false };
    void upgrade(fetch, url, protocols).then(
      (socket) => {
        if (link.closed) {
          socket.accept();
          return socket.close();
        }
        link.socket = socket;
        listen(socket, events, link);
      },
      (error: unknown) => finish(link, events, ABNORMAL_CLOSURE, String(error)),
    );
    return {
      send: (data) => link.socket?.send(data),
      close(code, reason) {
        link.closed = true;
        link.socket?.close(code, reason);
      },
    } satisfies ClientSocket;
  };
}

async function upgrade(fetch: FetchFunction, url: string, protocols: string[]): Promise<WorkerSocket> {
  const headers = { upgrade: 'websocket', 'sec-websocket-protocol': protocols.join(', ') };
  const answer: Response & { webSocket?: WorkerSocket | null } = await fetch(url.replace(/^ws/, 'http'), {
    headers,
  });
  if (answer.webSocket === undefined || answer.webSocket === null)
    throw new Error(`No WebSocket: ${answer.status}.`);
  return answer.webSocket;
}

function listen(socket: WorkerSocket, events: SocketEvents, link: { closed: boolean }): void {
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('message', ({ data }: { data: unknown }) => {
    if (link.closed) return;
    if (typeof data === 'string') events.text(data);
    else if (data instanceof ArrayBuffer) events.bytes(new Uint8Array(data));
  });
  socket.addEventListener('close', ({ code, reason }) => finish(link, events, code, reason));
  socket.addEventListener('error', () => finish(link, events, ABNORMAL_CLOSURE, 'error'));
  socket.accept();
  events.opened();
}

function finish(link: { closed: boolean }, events: SocketEvents, code: number, reason: string): void {
  if (link.closed) return;
  link.closed = true;
  events.closed(code, reason);
}
