/** Most digits of an exit code. */
const MAX_CODE_DIGITS = 3;
const BEL = 7;

/**
 * Finds, in a terminal's output, the marker `ESC ] 7779 ; nonce ; code BEL` that the wrapper prints when the program
 * ended, however the reads cut it. Bytes that may be the beginning of a marker are held back, and nothing else.
 */
export class ExitMarker {
  readonly #prefix: Buffer;
  #held: Buffer = Buffer.alloc(0);
  /** Bytes of what is held that were handed on all the same. */
  #released = 0;

  constructor(nonce: string) {
    this.#prefix = Buffer.from(`\u001b]7779;${nonce};`);
  }

  /** True while bytes are held back that nobody has seen. */
  get holding(): boolean {
    return this.#held.length > this.#released;
  }

  /** In: what was read. Out: the bytes that are output, and the exit code once the marker is complete. */
  scan(data: Buffer): { output: Buffer[]; exitCode: number | null } {
    const released = this.#released;
    const found = this.#scanAll(this.#held.length === 0 ? data : Buffer.concat([this.#held, data]));
    const [first, ...others] = found.output;
    // What was held either goes on to look like a marker, or is output, and the first of it.
    this.#released = found.leads ? 0 : Math.min(released, this.#held.length);
    const fresh = first !== undefined && found.leads ? first.subarray(released) : first;
    const output = fresh === undefined ? [] : [fresh, ...others];
    return { output: output.filter((part) => part.length > 0), exitCode: found.exitCode };
  }

  /** Hands on what is held back: nothing followed it, so a program is waiting behind it, not the marker's rest. */
  release(): Buffer[] {
    const fresh = this.#held.subarray(this.#released);
    this.#released = this.#held.length;
    return fresh.length === 0 ? [] : [fresh];
  }

  /** What is held back when there is nothing more to come. */
  rest(): Buffer[] {
    const fresh = this.#held.subarray(this.#released);
    this.#held = Buffer.alloc(0);
    this.#released = 0;
    return fresh.length === 0 ? [] : [fresh];
  }

  /** `leads`: the first byte is output. */
  #scanAll(bytes: Buffer): { output: Buffer[]; exitCode: number | null; leads: boolean } {
    this.#held = Buffer.alloc(0);
    const at = bytes.indexOf(this.#prefix);
    if (at === -1) return this.#hold(bytes, this.#partialPrefix(bytes));
    const digits = at + this.#prefix.length;
    const end = bytes.indexOf(BEL, digits);
    if (end === -1 && bytes.length - digits <= MAX_CODE_DIGITS) return this.#hold(bytes, at);
    const exitCode = Number(bytes.toString('latin1', digits, end));
    const output = [bytes.subarray(0, at), bytes.subarray(end + 1)].filter((part) => part.length > 0);
    return { output, exitCode, leads: at > 0 };
  }

  #hold(bytes: Buffer, from: number): { output: Buffer[]; exitCode: null; leads: boolean } {
    this.#held = Buffer.from(bytes.subarray(from));
    return { output: from === 0 ? [] : [bytes.subarray(0, from)], exitCode: null, leads: from > 0 };
  }

  /** Where a beginning of the prefix starts at the very end of `bytes`; its length when there is none. */
  #partialPrefix(bytes: Buffer): number {
    const first = Math.max(0, bytes.length - this.#prefix.length + 1);
    for (let at = bytes.indexOf(0x1b, first); at !== -1; at = bytes.indexOf(0x1b, at + 1)) {
      if (this.#prefix.subarray(0, bytes.length - at).equals(bytes.subarray(at))) return at;
    }
    return bytes.length;
  }
}
