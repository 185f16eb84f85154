/** What a person asked for with an escape sequence. */
export type EscapeAction = 'detach' | 'help';

/** Outcome of {@link EscapeScanner.scan}: bytes for the shell, and an action when one was asked for. */
export interface Scanned {
  bytes: Uint8Array;
  action: EscapeAction | null;
}

const TILDE = 0x7e;
const CR = 0x0d;
const LF = 0x0a;
const PASTE_START = [0x1b, 0x5b, 0x32, 0x30, 0x30, TILDE];
const PASTE_END = [0x1b, 0x5b, 0x32, 0x30, 0x31, TILDE];

/** Text of `~?`. */
export const ESCAPE_HELP = [
  'Escapes, at the start of a line:',
  '  ~.   detach: the shell goes on, "alex shell" comes back to it',
  '  ~~   send a tilde',
  '  ~?   this help',
].join('\r\n');

/**
 * Finds ssh's escapes in keystrokes: a `~` at the start of a line and then `.`, `?` or `~`. Anything else goes to the
 * shell as typed, and so does everything inside a bracketed paste, so that pasted text cannot detach.
 */
export class EscapeScanner {
  #atLineStart = true;
  /** A tilde is being held back. */
  #held = false;
  #pasting = false;
  /** Bytes of the paste marker matched so far. */
  #matched = 0;

  /** Takes keystrokes as they come, in any chunking. Bytes after a `detach` are dropped. */
  scan(input: Uint8Array): Scanned {
    const out: number[] = [];
    for (const [index, byte] of input.entries()) {
      const action = this.#step(byte, out);
      if (action === 'detach') return { bytes: Uint8Array.from(out), action };
      if (action === 'help') {
        const rest = this.scan(input.subarray(index + 1));
        return { bytes: Uint8Array.from([...out, ...rest.bytes]), action: rest.action ?? 'help' };
      }
    }
    return { bytes: Uint8Array.from(out), action: null };
  }

  #step(byte: number, out: number[]): EscapeAction | null {
    if (this.#held) {
      this.#held = false;
      if (byte === 0x2e) return 'detach';
      if (byte === 0x3f) {
        this.#atLineStart = true;
        return 'help';
      }
      out.push(TILDE);
      this.#atLineStart = false;
      if (byte === TILDE) return null;
    } else if (byte === TILDE && this.#atLineStart && !this.#pasting) {
      this.#held = true;
      return null;
    }
    out.push(byte);
    this.#atLineStart = byte === CR || byte === LF;
    this.#followPaste(byte);
    return null;
  }

  #followPaste(byte: number): void {
    const marker = this.#pasting ? PASTE_END : PASTE_START;
    if (byte === marker[this.#matched]) this.#matched += 1;
    else this.#matched = byte === marker[0] ? 1 : 0;
    if (this.#matched < marker.length) return;
    this.#matched = 0;
    this.#pasting = !this.#pasting;
    // The end marker does not start a line, whatever was pasted.
    this.#atLineStart = false;
  }
}
