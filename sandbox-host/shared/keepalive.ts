import type WebSocket from 'ws';
import { KEEPALIVE_INTERVAL_MS, KEEPALIVE_PING, KEEPALIVE_TIMEOUT_MS } from '../../protocol/limits.ts';

/**
 * Sends the text `ping` while the socket is open and ends the socket when nothing at all came back in time, so that a
 * half-open connection is noticed. The edge answers without waking the actor.
 */
export function keepAlive(socket: WebSocket): void {
  let heardAtMs = Date.now();
  const heard = (): void => {
    heardAtMs = Date.now();
  };
  socket.on('message', heard);
  const timer = setInterval(() => {
    if (Date.now() - heardAtMs > KEEPALIVE_INTERVAL_MS + KEEPALIVE_TIMEOUT_MS) socket.terminate();
    else if (socket.readyState === socket.OPEN && !socket.isPaused) socket.send(KEEPALIVE_PING);
    else if (socket.isPaused) heard();
  }, KEEPALIVE_INTERVAL_MS);
  socket.on('close', () => clearInterval(timer));
}
