const ESC = 0x1b;
/** Lead byte of the C1 controls U+0080 to U+009F in UTF-8. */
const C1_LEAD = 0xc2;
const LF = 0x0a;
const CR = 0x0d;

/** Bytes that only write into lines or go to the next one: BEL, tab, LF, CR, and everything from space on but DEL. */
const PLAIN = new Uint8Array(256).fill(1, 0x20);
PLAIN[0x7f] = 0;
for (const byte of [0x07, 0x09, LF, CR]) PLAIN[byte] = 1;
/** Digits, `:` and `;` of a colour sequence. */
const isParameter = (byte: number): boolean => byte >= 0x30 && byte <= 0x3b;

/** What need not be parsed, and what to write in its place. */
export interface ScrolledOff {
  /** Bytes from the beginning whose text scrolls out of the terminal's memory. */
  skippedBytes: number;
  /** Ranges of the colour sequences among them that still count. */
  colours: { from: number; to: number }[];
}

/**
 * Finds the part of `output` that leaves no trace on a terminal but its colours: ordinary lines, followed by at least
 * `keepLines` more of them, which push everything before out of screen and scrollback. Holds for a terminal between
 * control sequences, on its normal screen, without a scroll region. What is kept begins a line (after CR LF).
 *
 * Null when there is no such part.
 */
export function scrolledOff(output: Uint8Array, keepLines: number): ScrolledOff | null {
  const run = plainRun(output);
  // A Buffer searches much faster than an array.
  const bytes = Buffer.from(output.buffer, output.byteOffset, run.end);
  let cut = bytes.length;
  // From the end backwards: a line begins after each CR LF.
  for (let lines = 0; lines <= keepLines || bytes[cut - 1] !== CR; lines++) {
    if (cut === 0) return null;
    cut = bytes.lastIndexOf(LF, cut - 1);
    if (cut <= 0) return null;
  }
  const skippedBytes = cut + 1;
  return { skippedBytes, colours: run.colours.filter(({ to }) => to <= skippedBytes) };
}

/** The longest beginning of `output` made of plain text and colours, and the colours that count at its end. */
function plainRun(output: Uint8Array): { end: number; colours: { from: number; to: number }[] } {
  const colours: { from: number; to: number }[] = [];
  let at = 0;
  while (at < output.length) {
    const byte = output[at] ?? 0;
    if (byte === ESC) {
      const to = colourEnd(output, at);
      if (to === null) break;
      colours.push({ from: at, to });
      at = to;
    } else if (PLAIN[byte] === 0 || (byte === C1_LEAD && isC1(output[at + 1]))) break;
    else at += 1;
  }
  return { end: at, colours };
}

/** The end of the colour sequence (`CSI … m`) at `at`; null when it is another sequence or not whole. */
function colourEnd(output: Uint8Array, at: number): number | null {
  if (output[at + 1] !== 0x5b) return null;
  let end = at + 2;
  while (isParameter(output[end] ?? 0)) end += 1;
  return output[end] === 0x6d ? end + 1 : null;
}

/** Also when the byte is not there yet. */
function isC1(byte: number | undefined): boolean {
  return byte === undefined || (byte >= 0x80 && byte <= 0x9f);
}
