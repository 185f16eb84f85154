import type { ByteStream } from './streams.ts';

/** How bytes differ from what they should be. */
export type Fault = 'lost' | 'duplicated' | 'reordered';

/** Bytes around a difference that are looked for elsewhere in the stream. */
const PROBE_BYTES = 12;
const SEARCH_BYTES = 4 * 1024 * 1024;

/** Says what went wrong where `got` (from its difference on) came instead of what belongs at `offset`. */
export function classify(stream: ByteStream, offset: number, got: Buffer): { fault: Fault; detail: string } {
  const probe = got.subarray(0, PROBE_BYTES);
  const ahead = probe.length < 4 ? -1 : stream.bytes(offset, SEARCH_BYTES).indexOf(probe);
  if (ahead > 0) return { fault: 'lost', detail: `${ahead} bytes are missing at ${offset}` };
  const from = Math.max(0, offset - SEARCH_BYTES);
  const before = probe.length < 4 ? -1 : stream.bytes(from, offset - from + PROBE_BYTES).lastIndexOf(probe);
  if (before >= 0 && from + before < offset) {
    return { fault: 'duplicated', detail: `at ${offset} the bytes of ${from + before} came again` };
  }
  return {
    fault: 'reordered',
    detail: `at ${offset} came bytes that belong nowhere near: ${probe.toString('hex')}`,
  };
}

/** First index at which two buffers of one length differ; -1 when they do not. */
export function firstDifference(a: Buffer, b: Buffer): number {
  if (a.equals(b)) return -1;
  for (let at = 0; at < Math.min(a.length, b.length); at++) if (a[at] !== b[at]) return at;
  return Math.min(a.length, b.length);
}

/** Something one client typed. It is certain to arrive unless the client was killed while it typed it. */
export interface Typed {
  bytes: number;
  certain: boolean;
}

/**
 * What one client typed into one terminal, against what the program read. The stream goes on behind an uncertain piece
 * whether that arrived or not: all of it, none, or a first part. It may also arrive late: only what was typed after it and
 * was read says that no more of it will come.
 */
export class TypedTruth {
  readonly #stream: ByteStream;
  #pieces: Typed[] = [];
  /** Offset in the stream of the first of the pieces. */
  #from = 0;
  /** Bytes of earlier pieces that were read. */
  #settled = 0;
  #read: Buffer[] = [];
  #readBytes = 0;

  constructor(stream: ByteStream) {
    this.#stream = stream;
  }

  /** Bytes typed so far, certain or not. */
  get offset(): number {
    return this.#from + this.#pieces.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Bytes the program read. */
  get readBytes(): number {
    return this.#settled + this.#readBytes;
  }

  /** Bytes that were read and were right. */
  get settledBytes(): number {
    return this.#settled;
  }

  typed(bytes: number, certain: boolean): void {
    if (bytes > 0) this.#pieces.push({ bytes, certain });
  }

  read(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#read.push(bytes);
    this.#readBytes += bytes.length;
  }

  /** True when everything was read that must have been. */
  get complete(): boolean {
    const least = this.#sum(true);
    if (this.#readBytes < least || this.#readBytes > least + this.#sum(false)) return false;
    return (
      this.#pieces.every(({ certain }) => certain) || this.#fit(Buffer.concat(this.#read), false) !== null
    );
  }

  /**
   * Compares everything read since the last call, which must be {@link complete} unless `partly`. Out: what is wrong, or
   * null; then these pieces are settled.
   */
  settle(partly = false): { fault: Fault; detail: string } | null {
    const read = Buffer.concat(this.#read);
    const lengths = this.#fit(read, partly);
    if (lengths === null) {
      const missing = this.#sum(true) + this.#sum(false) - read.length;
      const lost = { fault: 'lost', detail: `up to ${missing} bytes were typed and not read` } as const;
      return this.#fit(read, true) !== null ? lost : (this.#compare(read) ?? lost);
    }
    this.#forget(read, lengths);
    return null;
  }

  /** What was read is right. Only uncertain pieces with nothing certain behind them are still open. */
  #forget(read: Buffer, lengths: readonly number[]): void {
    const settled = this.#pieces.findLastIndex(({ certain }) => certain) + 1;
    const bytes = lengths.slice(0, settled).reduce((sum, length) => sum + length, 0);
    const rest = Buffer.from(read.subarray(bytes));
    this.#from += this.#pieces.slice(0, settled).reduce((sum, piece) => sum + piece.bytes, 0);
    this.#settled += bytes;
    this.#pieces = this.#pieces.slice(settled);
    this.#read = [rest];
    this.#readBytes = rest.length;
  }

  /**
   * How much of each piece was read, so that all of `read` is accounted for: certain ones whole, or, with `partly`, but for
   * an end that is missing. Null when there is no such way.
   */
  #fit(read: Buffer, partly: boolean, index = 0, at = 0, offset = this.#from): number[] | null {
    const piece = this.#pieces[index];
    if (piece === undefined) return at === read.length ? [] : null;
    const expected = this.#stream.bytes(offset, piece.bytes);
    const got = read.subarray(at, at + piece.bytes);
    const difference = firstDifference(got, expected.subarray(0, got.length));
    const longest = difference === -1 ? got.length : difference;
    const whole = partly ? Math.min(piece.bytes, read.length - at) : piece.bytes;
    const shortest = piece.certain ? whole : 0;
    for (let length = longest; length >= shortest; length--) {
      const others = this.#fit(read, partly, index + 1, at + length, offset + piece.bytes);
      if (others !== null) return [length, ...others];
    }
    return null;
  }

  /** Says what does not fit, with each uncertain piece taken as far as it goes. */
  #compare(read: Buffer): { fault: Fault; detail: string } | null {
    let at = 0;
    let offset = this.#from;
    let spare = Math.max(0, read.length - this.#sum(true));
    for (const { bytes, certain } of this.#pieces) {
      const expected = this.#stream.bytes(offset, bytes);
      const length = Math.min(certain ? bytes : Math.min(bytes, spare), read.length - at);
      if (!certain) spare -= length;
      const difference = firstDifference(read.subarray(at, at + length), expected.subarray(0, length));
      if (difference !== -1) {
        return classify(this.#stream, offset + difference, read.subarray(at + difference));
      }
      at += length;
      offset += bytes;
    }
    if (at === read.length) return null;
    return { fault: 'duplicated', detail: `${read.length - at} bytes were read beyond what was typed` };
  }

  #sum(certain: boolean): number {
    return this.#pieces.reduce((sum, piece) => sum + (piece.certain === certain ? piece.bytes : 0), 0);
  }
}
