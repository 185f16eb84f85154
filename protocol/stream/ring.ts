/** Smallest buffer a non-empty ring holds, in bytes; it doubles from here up to the ring's bound. */
const MIN_CAPACITY_BYTES = 4 * 1024;
const EMPTY = new Uint8Array(0);

/**
 * The newest bytes of a stream, addressed by their absolute offset, in bounded memory.
 * Holds `[start, end)`; grows on demand up to `maxBytes` and gives the memory back when emptied.
 */
export class ByteRing {
  readonly maxBytes: number;
  #buffer: Uint8Array = EMPTY;
  #start: number;
  #end: number;

  /** An empty ring whose next byte has absolute offset `offset`. */
  constructor(maxBytes: number, offset = 0) {
    this.maxBytes = maxBytes;
    this.#start = offset;
    this.#end = offset;
  }

  /** Absolute offset of the oldest byte held. */
  get start(): number {
    return this.#start;
  }

  /** Absolute offset one past the newest byte: the length of the stream so far. */
  get end(): number {
    return this.#end;
  }

  /** Bytes held. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Appends at `end`, dropping the oldest bytes beyond `maxBytes`. Copies `bytes`. */
  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const kept = bytes.length > this.maxBytes ? bytes.subarray(bytes.length - this.maxBytes) : bytes;
    const end = this.#end + bytes.length;
    const start = Math.max(this.#start, end - this.maxBytes);
    this.#reserve(end - start);
    this.#write(end - kept.length, kept);
    this.#start = start;
    this.#end = end;
  }

  /** True when every byte from `offset` on is still held (also at `end`, where there is none yet). */
  has(offset: number): boolean {
    return offset >= this.#start && offset <= this.#end;
  }

  /**
   * Copies up to `maxBytes` bytes from absolute `offset` on; empty at `end`.
   * Null when `offset` is no longer, or not yet, in the ring.
   */
  read(offset: number, maxBytes: number): Uint8Array<ArrayBuffer> | null {
    if (!this.has(offset)) return null;
    const out = new Uint8Array(Math.min(maxBytes, this.#end - offset));
    this.copy(offset, out);
    return out;
  }

  /** Fills `target` with the bytes from absolute `offset` on, which must be held, as far as there are. Out: how many. */
  copy(offset: number, target: Uint8Array): number {
    const length = Math.min(target.length, this.#end - offset);
    if (length === 0) return 0;
    const at = offset % this.#buffer.length;
    const first = Math.min(length, this.#buffer.length - at);
    target.set(this.#buffer.subarray(at, at + first));
    if (first < length) target.set(this.#buffer.subarray(0, length - first), first);
    return length;
  }

  /** Forgets the bytes before `offset` (at most up to `end`). */
  discardBefore(offset: number): void {
    this.#start = Math.min(Math.max(this.#start, offset), this.#end);
    if (this.#start === this.#end) this.#buffer = EMPTY;
  }

  /** Forgets everything; the next byte has absolute offset `offset`. */
  reset(offset: number): void {
    this.#start = offset;
    this.#end = offset;
    this.#buffer = EMPTY;
  }

  /** Makes room for `needed` bytes, moving what is held so that byte `o` sits at `o % capacity`. */
  #reserve(needed: number): void {
    if (needed <= this.#buffer.length) return;
    let capacity = Math.max(MIN_CAPACITY_BYTES, this.#buffer.length);
    while (capacity < needed) capacity *= 2;
    const held = this.read(this.#start, this.length) ?? EMPTY;
    this.#buffer = new Uint8Array(Math.max(needed, Math.min(capacity, this.maxBytes)));
    this.#write(this.#start, held);
  }

  #write(offset: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const at = offset % this.#buffer.length;
    const first = Math.min(bytes.length, this.#buffer.length - at);
    this.#buffer.set(bytes.subarray(0, first), at);
    if (first < bytes.length) this.#buffer.set(bytes.subarray(first), 0);
  }
}
