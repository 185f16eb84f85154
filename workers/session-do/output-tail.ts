import { VIEWER_LAG_BYTES } from '../../protocol/limits.ts';
import { ByteRing } from '../../protocol/stream/ring.ts';

/** What {@link OutputTail.append} did with a piece of output. */
export type Appended = 'appended' | 'duplicate' | 'gap';

/**
 * The newest output of one terminal, in memory, addressed by absolute offset: `[start, end)`. Until the first
 * {@link reset} it knows no offset at all, which is its state after the actor wakes.
 */
export class OutputTail {
  readonly #ring: ByteRing;
  #known = false;
  #origin = 0;

  constructor(maxBytes: number = VIEWER_LAG_BYTES) {
    this.#ring = new ByteRing(maxBytes);
  }

  /** False until an offset is known. */
  get known(): boolean {
    return this.#known;
  }

  /** Oldest offset still held. */
  get start(): number {
    return this.#ring.start;
  }

  /** True while nothing was dropped since the last {@link reset}: what is missing was never here. */
  get whole(): boolean {
    return this.#ring.start === this.#origin;
  }

  /** Offset after the newest byte: what is expected next. */
  get end(): number {
    return this.#ring.end;
  }

  /** Forgets all bytes and expects `offset` next. */
  reset(offset: number): void {
    this.#known = true;
    this.#origin = offset;
    this.#ring.reset(offset);
  }

  /** Adds what is new of `payload` at `offset`. Overlap is dropped; a gap is refused and changes nothing. */
  append(offset: number, payload: Uint8Array): Appended {
    if (!this.#known || offset > this.end) return 'gap';
    const seen = this.end - offset;
    if (seen >= payload.length) return 'duplicate';
    this.#ring.append(seen === 0 ? payload : payload.subarray(seen));
    return 'appended';
  }

  /** Copies up to `maxBytes` from `offset`; empty where nothing is held. */
  read(offset: number, maxBytes: number): Uint8Array {
    return this.#ring.read(offset, maxBytes) ?? new Uint8Array(0);
  }
}
