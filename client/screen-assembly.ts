import { type Frame, SnapshotFlag } from '../protocol/stream/frame.ts';

/** Largest screen put together; a rogue edge must not fill the memory. */
export const MAX_SCREEN_BYTES = 64 * 1024 * 1024;

/** An exact screen: what to write to a blank terminal of this size. */
export interface ScreenSnapshot {
  offset: number;
  cols: number;
  rows: number;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Puts the chunks of a screen together. */
export class ScreenAssembly {
  #chunks: Uint8Array[] = [];
  #length = 0;
  #offset: number | null = null;
  #size = { cols: 0, rows: 0 };

  /** Takes a Snapshot frame. Out: the screen when it is complete. Chunks that do not belong are dropped. */
  accept(frame: Frame): ScreenSnapshot | null {
    let { payload } = frame;
    if ((frame.flags & SnapshotFlag.First) !== 0) {
      const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
      this.clear();
      this.#offset = frame.offset;
      this.#size = { cols: view.getUint16(0), rows: view.getUint16(2) };
      payload = payload.subarray(4);
    }
    if (this.#offset !== frame.offset || this.#length + payload.length > MAX_SCREEN_BYTES) {
      this.clear();
      return null;
    }
    this.#chunks.push(payload.slice());
    this.#length += payload.length;
    if ((frame.flags & SnapshotFlag.Last) === 0) return null;
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    const screen = { offset: frame.offset, ...this.#size, bytes };
    this.clear();
    return screen;
  }

  /** Forgets a screen that will not be finished (the link is down). */
  clear(): void {
    this.#chunks = [];
    this.#length = 0;
    this.#offset = null;
  }
}
