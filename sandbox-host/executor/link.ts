import type WebSocket from 'ws';
import type { HostToSession } from '../../protocol/messages/host.ts';
import {
  encodeFrame,
  FRAME_HEADER_BYTES,
  FrameKind,
  MAX_FRAME_BYTES,
  MAX_PAYLOAD_BYTES,
  SnapshotFlag,
  writeFrameHeader,
} from '../../protocol/stream/frame.ts';
import type { ByteRing } from '../../protocol/stream/ring.ts';
import type { ScreenSnapshot } from './screen.ts';

/** Bytes of the size that leads a snapshot. */
const SIZE_BYTES = 4;

/** Output frames already sent, to be used again: a flood would make garbage faster than it is collected. */
const spareFrames: Buffer[] = [];
const MAX_SPARE_FRAMES = 16;

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

  /** Sends as much output from `offset` on as one frame takes; `ring` must hold it. Out: how many bytes that was. */
  output(channel: number, offset: number, ring: ByteRing): number {
    const buffer = spareFrames.pop() ?? Buffer.allocUnsafeSlow(MAX_FRAME_BYTES);
    const length = ring.copy(offset, buffer.subarray(FRAME_HEADER_BYTES));
    writeFrameHeader(buffer, { kind: FrameKind.Output, channel, offset });
    const sent = (): void => {
      if (spareFrames.length < MAX_SPARE_FRAMES) spareFrames.push(buffer);
    };
    if (this.#socket.readyState !== this.#socket.OPEN) sent();
    else this.#socket.send(buffer.subarray(0, FRAME_HEADER_BYTES + length), sent);
    return length;
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
