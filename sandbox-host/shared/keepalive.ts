import type WebSocket from 'ws';
import { KEEPALIVE_INTERVAL_MS, KEEPALIVE_PING, KEEPALIVE_TIMEOUT_MS } from '../../protocol/limits.ts';

/** How often a socket is looked at: a dead one is noticed at most so much later than it could be. */
const LOOK_EVERY_MS = 2_000;

/**
 * Sends the text `ping` while the socket is open and ends the socket when nothing at all came back in time, so that a
 * half-open connection is noticed. The edge answers without waking the actor. Time is monotonic: somebody who sets the
 * clock ends no connections.
 */
export function keepAlive(socket: WebSocket): void {
  let heardAtMs = performance.now();
  let pingedAtMs = heardAtMs;
  const heard = (): void => {
    heardAtMs = performance.now();
  };
  socket.on('message', heard);
  const timer = setInterval(() => {
    const nowMs = performance.now();
    if (socket.isPaused) heard();
    else if (nowMs - heardAtMs > KEEPALIVE_INTERVAL_MS + KEEPALIVE_TIMEOUT_MS) socket.terminate();
    else if (nowMs - pingedAtMs >= KEEPALIVE_INTERVAL_MS && socket.readyState === socket.OPEN) {
      pingedAtMs = nowMs;
      socket.send(KEEPALIVE_PING);
    }
  }, LOOK_EVERY_MS);
  socket.on('close', () => clearInterval(timer));
}
