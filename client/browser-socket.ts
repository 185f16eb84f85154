import { ABNORMAL_CLOSURE, type OpenSocket } from './socket.ts';

/** The platform's own WebSocket: browsers, Workers, Node >= 22. */
export const openBrowserSocket: OpenSocket = (url, protocols, events) => {
  let closed = false;
  const finish = (code: number, reason: string): void => {
    if (closed) return;
    closed = true;
    events.closed(code, reason);
  };
  let socket: WebSocket;
  try {
    socket = new WebSocket(url.replace(/^http/, 'ws'), protocols);
  } catch (error) {
    // A URL the platform refuses is no better than a network that is down.
    queueMicrotask(() => finish(ABNORMAL_CLOSURE, error instanceof Error ? error.message : String(error)));
    return { send: () => undefined, close: () => undefined };
  }
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('open', () => events.opened());
  socket.addEventListener('message', ({ data }: { data: unknown }) => {
    if (closed) return;
    if (typeof data === 'string') events.text(data);
    else if (data instanceof ArrayBuffer) events.bytes(new Uint8Array(data));
  });
  socket.addEventListener('close', ({ code, reason }) => finish(code, reason));
  return {
    send: (data) => socket.send(data),
    close: (code, reason) => {
      closed = true;
      socket.close(code, reason);
    },
  };
};
