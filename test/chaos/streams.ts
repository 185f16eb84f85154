import { Random } from './random.ts';

/**
 * What is typed and printed, as functions of a seed and an offset alone: any process can say what byte belongs where,
 * and nobody has to keep what went by.
 */
const BLOCK_BYTES = 64 * 1024;
/** Blocks kept ready; the newest are asked for again and again. */
const KEPT_BLOCKS = 64;
const COLS = 78;

/** How a terminal's output looks: every byte value at random, or coloured lines whose screen can be foretold. */
export type OutputStyle = 'binary' | 'lines';

type Make = (random: Random) => Buffer;

/** An endless stream of bytes, made in blocks on demand. */
export class ByteStream {
  readonly #seed: number;
  readonly #label: string;
  readonly #make: Make;
  readonly #blocks = new Map<number, Buffer>();

  private constructor(seed: number, label: string, make: Make) {
    this.#seed = seed;
    this.#label = label;
    this.#make = make;
  }

  /** What a terminal prints. */
  static output(seed: number, terminal: string, style: OutputStyle): ByteStream {
    return new ByteStream(seed, `output ${terminal}`, style === 'binary' ? binaryBlock(1, 0) : lineBlock);
  }

  /**
   * What one of several clients types into a terminal: only values that leave the remainder `typist` when divided by
   * `typists`, so that what was read can be told apart again.
   */
  static input(seed: number, terminal: string, typist: number, typists: number): ByteStream {
    return new ByteStream(seed, `input ${terminal} ${typist}`, binaryBlock(typists, typist));
  }

  /** The bytes `[offset, offset + length)`. */
  bytes(offset: number, length: number): Buffer {
    const parts: Buffer[] = [];
    for (let at = offset; at < offset + length;) {
      const from = at % BLOCK_BYTES;
      const count = Math.min(BLOCK_BYTES - from, offset + length - at);
      parts.push(this.#block(Math.floor(at / BLOCK_BYTES)).subarray(from, from + count));
      at += count;
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  #block(index: number): Buffer {
    const kept = this.#blocks.get(index);
    if (kept !== undefined) return kept;
    const block = this.#make(new Random(this.#seed, this.#label, index));
    this.#blocks.set(index, block);
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size > KEPT_BLOCKS && oldest !== undefined) this.#blocks.delete(oldest);
    return block;
  }
}

function binaryBlock(classes: number, remainder: number): Make {
  const values = Array.from({ length: 256 }, (_unused, value) => value).filter(
    (value) => value % classes === remainder,
  );
  return (random) => {
    const block = Buffer.alloc(BLOCK_BYTES);
    for (let at = 0; at < BLOCK_BYTES; at++)
      block[at] = values[Math.floor(random.next() * values.length)] ?? 0;
    return block;
  };
}

/** Whole lines, each beginning with its own colour, none wider than a screen. */
function lineBlock(random: Random): Buffer {
  let text = '';
  for (;;) {
    const words = random
      .next()
      .toString(36)
      .slice(2)
      .repeat(random.int(1, 6))
      .slice(0, COLS - 8);
    const line = `\u001b[0;3${random.int(1, 7)}m${words}\r\n`;
    if (text.length + line.length > BLOCK_BYTES - 2) break;
    text += line;
  }
  return Buffer.from(text.padEnd(BLOCK_BYTES - 2, '\0') + '\r\n', 'latin1');
}
