import { WebSocket } from 'ws';
import { MAX_MESSAGE_BYTES } from '../protocol/limits.ts';
import { MAX_FRAME_BYTES } from '../protocol/stream/frame.ts';
import type { OpenSocket } from './socket.ts';

const HANDSHAKE_TIMEOUT_MS = 15_000;
const CLOSE_TIMEOUT_MS = 1_000;
/** Largest message the edge may send; the welcome of a busy session exceeds a viewer's own limit. */
const MAX_INCOMING_BYTES = Math.max(MAX_FRAME_BYTES, 16 * MAX_MESSAGE_BYTES);

/** WebSockets for Node: no compression (it costs more than it saves on terminals) and no copies. */
export const openNodeSocket: OpenSocket = (url, protocols, events) => {
  const socket = new WebSocket(url, protocols, {
    perMessageDeflate: false,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    maxPayload: MAX_INCOMING_BYTES,
  });
  socket.on('open', () => events.opened());
  socket.on('message', (data, isBinary) => {
    if (!Buffer.isBuffer(data)) return;
    if (isBinary) events.bytes(data);
    else events.text(data.toString());
  });
  // The close that follows every error is what counts.
  socket.on('error', () => undefined);
  socket.on('close', (code, reason) => events.closed(code, reason.toString()));
  return {
    send: (data) => socket.send(data),
    close: (code, reason) => {
      socket.close(code, reason);
      // A peer that is gone never answers the close frame.
      const force = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS);
      socket.once('close', () => clearTimeout(force));
    },
  };
};
