import type WebSocket from 'ws';
import type { HostToSession } from '../../protocol/messages/host.ts';
import { encodeFrame, FrameKind, MAX_PAYLOAD_BYTES, SnapshotFlag } from '../../protocol/stream/frame.ts';
import type { ScreenSnapshot } from './screen.ts';

/** Bytes of the size that leads a snapshot. */
const SIZE_BYTES = 4;

/** The way to one session's actor; sending on a closed one does nothing, for everything is resent on the next. */
export class Link {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** Bytes that were sent and that the other end has not read yet. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(message: HostToSession): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  frame(frame: Parameters<typeof encodeFrame>[0]): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(encodeFrame(frame));
  }

  /** Sends a screen at output offset `offset`, in as many frames as it takes. */
  snapshot(channel: number, request: number, offset: number, screen: ScreenSnapshot): void {
    const body = new Uint8Array(SIZE_BYTES + screen.bytes.length);
    const view = new DataView(body.buffer);
    view.setUint16(0, screen.cols);
    view.setUint16(2, screen.rows);
    body.set(screen.bytes, SIZE_BYTES);
    for (let at = 0; at < body.length; at += MAX_PAYLOAD_BYTES) {
      const last = at + MAX_PAYLOAD_BYTES >= body.length;
      const flags = (at === 0 ? SnapshotFlag.First : 0) | (last ? SnapshotFlag.Last : 0);
      const payload = body.subarray(at, at + MAX_PAYLOAD_BYTES);
      this.frame({ kind: FrameKind.Snapshot, flags, channel, stream: request, offset, payload });
    }
  }
}
