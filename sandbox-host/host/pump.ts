import type WebSocket from 'ws';
import { KEEPALIVE_PONG } from '../../protocol/limits.ts';

/** Stop reading one side while the other has so many bytes still to send, go on below the low mark. */
const HIGH_WATER_BYTES = 1024 * 1024;
const LOW_WATER_BYTES = 256 * 1024;

/**
 * Passes messages from one open socket to another, unchanged and in order, never holding more than the high-water
 * mark. Keepalive answers end here. The caller closes both when either ends.
 */
export function pump(from: WebSocket, to: WebSocket): void {
  let paused = false;
  const afterSend = (): void => {
    if (paused && to.bufferedAmount <= LOW_WATER_BYTES) {
      paused = false;
      from.resume();
    }
  };
  from.on('message', (data: Buffer, isBinary: boolean) => {
    if (to.readyState !== to.OPEN) return;
    if (!isBinary && data.length === KEEPALIVE_PONG.length && data.toString('latin1') === KEEPALIVE_PONG)
      return;
    to.send(data, { binary: isBinary }, afterSend);
    if (!paused && to.bufferedAmount > HIGH_WATER_BYTES) {
      paused = true;
      from.pause();
    }
  });
}
