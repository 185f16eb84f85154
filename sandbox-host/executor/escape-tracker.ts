const ESC = 0x1b;
const CAN = 0x18;
const SUB = 0x1a;
const BEL = 0x07;
/** Lead byte of the C1 controls U+0080 to U+009F in UTF-8. */
export const C1_LEAD = 0xc2;

/** Introducers of OSC, DCS, SOS, PM and APC strings: after ESC, and as C1 controls. */
const STRING_AFTER_ESC = new Set([0x50, 0x58, 0x5e, 0x5f]);
const C1_STRINGS = new Set([0x90, 0x98, 0x9e, 0x9f]);

type State = 'ground' | 'escape' | 'csi' | 'osc' | 'string';

/**
 * Follows output just closely enough to know whether a terminal that parsed it is between control sequences. After
 * the state machine of Paul Williams (vt100.net/emu/dec_ansi_parser), folded to five states; where it differs from a
 * real parser it errs towards "within a sequence".
 */
export class EscapeTracker {
  #state: State = 'ground';
  #afterC1Lead = false;

  /** Between control sequences, and between the bytes of a C1 control. */
  get ground(): boolean {
    return this.#state === 'ground' && !this.#afterC1Lead;
  }

  feed(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at++) this.#step(bytes[at] ?? 0);
  }

  #step(byte: number): void {
    if (byte === ESC) {
      this.#state = 'escape';
      this.#afterC1Lead = false;
      return;
    }
    if (byte === CAN || byte === SUB) this.#state = 'ground';
    else if (this.#afterC1Lead) this.#c1(byte);
    else this.#within(byte);
    this.#afterC1Lead = byte === C1_LEAD;
  }

  #c1(byte: number): void {
    if (byte === 0x9b) this.#state = 'csi';
    else if (byte === 0x9d) this.#state = 'osc';
    else if (C1_STRINGS.has(byte)) this.#state = 'string';
  }

  #within(byte: number): void {
    switch (this.#state) {
      case 'ground':
      case 'string':
        return;
      case 'escape':
        if (byte < 0x30) return;
        if (byte === 0x5b) this.#state = 'csi';
        else if (byte === 0x5d) this.#state = 'osc';
        else this.#state = STRING_AFTER_ESC.has(byte) ? 'string' : 'ground';
        return;
      case 'csi':
        if (byte >= 0x40 && byte <= 0x7e) this.#state = 'ground';
        return;
      case 'osc':
        if (byte === BEL) this.#state = 'ground';
    }
  }
}
