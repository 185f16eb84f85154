/**
 * The binary frame: how bytes of a terminal travel, the same on every hop.
 *
 * Header, 20 bytes, big-endian:
 *
 * | at | size | field   |                                                            |
 * |----|------|---------|------------------------------------------------------------|
 * | 0  | u8   | kind    | a {@link FrameKind}                                        |
 * | 1  | u8   | flags   | {@link SnapshotFlag} bits on snapshots, otherwise 0        |
 * | 2  | u16  | zero    | reserved, must be 0                                        |
 * | 4  | u32  | channel | the terminal, numbered by its session, never reused        |
 * | 8  | u32  | stream  | the client input stream (or snapshot request), otherwise 0 |
 * | 12 | u64  | offset  | absolute byte offset from the birth of the stream          |
 *
 * Then the payload. Control messages travel beside frames as JSON text (see ../messages).
 */

/** Bytes of the frame header. */
export const FRAME_HEADER_BYTES = 20;
/** Largest payload of one frame; decides throughput through an actor (64 KiB: 180 MB/s, 4 KiB: 45 MB/s). */
export const MAX_PAYLOAD_BYTES = 64 * 1024;
/** Largest frame a peer has to accept. */
export const MAX_FRAME_BYTES = FRAME_HEADER_BYTES + MAX_PAYLOAD_BYTES;

/** What a frame means. Direction in brackets. */
export const FrameKind = {
  /** [host to viewer] terminal output; `offset` is that of the first payload byte. */
  Output: 1,
  /** [viewer to host] keystrokes; `stream` names the client stream, `offset` its first payload byte. */
  Input: 2,
  /** [viewer to host] everything before `offset` of the output was consumed; grants credit. No payload. */
  OutputAck: 3,
  /**
   * [host to viewer] everything before `offset` of input stream `stream` was written to the PTY.
   * Payload: u64, the output offset at that moment, which confirms predictions.
   */
  InputAck: 4,
  /** [host to viewer] as InputAck, and: go on sending from `offset` (after a reconnect or a gap). */
  InputResume: 5,
  /**
   * [host to viewer] an exact screen at output `offset`, in one or more chunks; `stream` is the snapshot
   * request it answers. The first chunk's payload starts with u16 columns, u16 rows.
   */
  Snapshot: 6,
} as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

/** Flag bits of snapshot frames. A one-chunk snapshot carries both. */
export const SnapshotFlag = { First: 1, Last: 2 } as const;

/** A decoded frame. `payload` is a view, not a copy, of the bytes it was decoded from. */
export interface Frame {
  kind: FrameKind;
  flags: number;
  channel: number;
  stream: number;
  offset: number;
  payload: Uint8Array;
}

/** Why bytes were not a frame. */
export type FrameError =
  | 'frame-too-short'
  | 'frame-too-large'
  | 'frame-kind-unknown'
  | 'frame-flags-invalid'
  | 'frame-reserved-not-zero'
  | 'frame-offset-unsafe'
  | 'frame-payload-invalid';

/** Outcome of {@link decodeFrame}; it never throws. */
export type FrameResult = { ok: true; frame: Frame } | { ok: false; error: FrameError };

const EMPTY = new Uint8Array(0);
const MAX_HIGH = 0x1f_ffff;

/** Encodes one frame. `offset` must be a safe integer; throws RangeError otherwise or when the payload is too large. */
export function encodeFrame(frame: {
  kind: FrameKind;
  flags?: number;
  channel: number;
  stream?: number;
  offset: number;
  payload?: Uint8Array;
}): Uint8Array<ArrayBuffer> {
  const payload = frame.payload ?? EMPTY;
  if (payload.length > MAX_PAYLOAD_BYTES) throw new RangeError('frame payload too large');
  if (!Number.isSafeInteger(frame.offset) || frame.offset < 0) throw new RangeError('frame offset unsafe');
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
  writeFrameHeader(bytes, frame);
  bytes.set(payload, FRAME_HEADER_BYTES);
  return bytes;
}

/** Writes the header into the first {@link FRAME_HEADER_BYTES} of `bytes`; the payload's place is behind it. */
export function writeFrameHeader(
  bytes: Uint8Array,
  frame: { kind: FrameKind; flags?: number; channel: number; stream?: number; offset: number },
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, FRAME_HEADER_BYTES);
  view.setUint8(0, frame.kind);
  view.setUint8(1, frame.flags ?? 0);
  view.setUint16(2, 0);
  view.setUint32(4, frame.channel);
  view.setUint32(8, frame.stream ?? 0);
  writeOffset(view, 12, frame.offset);
}

/** Decodes one frame from exactly the bytes of one message. */
export function decodeFrame(input: ArrayBuffer | Uint8Array): FrameResult {
  const bytes = input instanceof Uint8Array ? input : new Uint8Array(input);
  if (bytes.length < FRAME_HEADER_BYTES) return { ok: false, error: 'frame-too-short' };
  if (bytes.length > MAX_FRAME_BYTES) return { ok: false, error: 'frame-too-large' };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = view.getUint8(0);
  const flags = view.getUint8(1);
  if (!isFrameKind(kind)) return { ok: false, error: 'frame-kind-unknown' };
  if (flags > (kind === FrameKind.Snapshot ? 3 : 0)) return { ok: false, error: 'frame-flags-invalid' };
  if (view.getUint16(2) !== 0) return { ok: false, error: 'frame-reserved-not-zero' };
  const offset = readOffset(view, 12);
  if (offset === null) return { ok: false, error: 'frame-offset-unsafe' };
  const payload = bytes.subarray(FRAME_HEADER_BYTES);
  if (!payloadFits(kind, flags, payload.length, offset)) return { ok: false, error: 'frame-payload-invalid' };
  return {
    ok: true,
    frame: { kind, flags, channel: view.getUint32(4), stream: view.getUint32(8), offset, payload },
  };
}

/** Overwrites the stream number of an encoded frame in place: how an actor stamps a client's own stream. */
export function stampStream(bytes: Uint8Array, stream: number): void {
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).setUint32(8, stream);
}

/** Eight bytes holding an offset, the payload of InputAck and InputResume. */
export function encodeOffset(offset: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8);
  writeOffset(new DataView(bytes.buffer), 0, offset);
  return bytes;
}

/** Reads what {@link encodeOffset} wrote; null when it is not a safe integer or not eight bytes. */
export function decodeOffset(bytes: Uint8Array): number | null {
  if (bytes.length !== 8) return null;
  return readOffset(new DataView(bytes.buffer, bytes.byteOffset, 8), 0);
}

function isFrameKind(kind: number): kind is FrameKind {
  return kind >= FrameKind.Output && kind <= FrameKind.Snapshot;
}

function payloadFits(kind: FrameKind, flags: number, length: number, offset: number): boolean {
  switch (kind) {
    case FrameKind.Output:
    case FrameKind.Input:
      return length > 0 && Number.isSafeInteger(offset + length);
    case FrameKind.OutputAck:
      return length === 0;
    case FrameKind.InputAck:
    case FrameKind.InputResume:
      return length === 8;
    case FrameKind.Snapshot:
      return (flags & SnapshotFlag.First) === 0 || length >= 4;
  }
}

function writeOffset(view: DataView, at: number, offset: number): void {
  view.setUint32(at, Math.floor(offset / 2 ** 32));
  view.setUint32(at + 4, offset >>> 0);
}

function readOffset(view: DataView, at: number): number | null {
  const high = view.getUint32(at);
  return high > MAX_HIGH ? null : high * 2 ** 32 + view.getUint32(at + 4);
}
