import { MAX_HELD_BYTES } from './limits.ts';

type Data = string | ArrayBuffer | Uint8Array;

/** What each costs besides its bytes: many empty ones are held no longer than a few full ones. */
const OVERHEAD_BYTES = 64;

/** What waits at a viewer's gate, in order: what it sent, and what is for it. At most {@link MAX_HELD_BYTES}. */
export class HeldTraffic {
  #fromViewer: (string | ArrayBuffer)[] = [];
  #toViewer: Data[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  /** False: too much waits. */
  fromViewer(message: string | ArrayBuffer): boolean {
    this.#fromViewer.push(message);
    return this.#count(message);
  }

  /** False: too much waits. */
  toViewer(data: Data): boolean {
    this.#toViewer.push(data);
    return this.#count(data);
  }

  /** Takes everything out. */
  take(): { fromViewer: (string | ArrayBuffer)[]; toViewer: Data[] } {
    const held = { fromViewer: this.#fromViewer, toViewer: this.#toViewer };
    this.#fromViewer = [];
    this.#toViewer = [];
    this.#bytes = 0;
    return held;
  }

  #count(data: Data): boolean {
    this.#bytes += OVERHEAD_BYTES + (typeof data === 'string' ? data.length : data.byteLength);
    return this.#bytes <= MAX_HELD_BYTES;
  }
}
