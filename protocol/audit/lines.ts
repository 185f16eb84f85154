const NEWLINE = 10;
/** Longest line kept; what is longer is given in pieces, none of which is a line of ours. */
export const MAX_LINE_BYTES = 256 * 1024;
/** In place of a line that is not UTF-8; no line of an export is like it. */
const NO_TEXT = '\u0000';

/** The lines of a file, each with its newline; the last may lack it. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of chunks) {
    let bytes = joined(rest, chunk);
    for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE)) {
      yield textOf(bytes.subarray(0, at + 1));
      bytes = bytes.subarray(at + 1);
    }
    if (bytes.length > MAX_LINE_BYTES) {
      yield NO_TEXT;
      return;
    }
    rest = bytes;
  }
  if (rest.length > 0) yield textOf(rest);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return NO_TEXT;
  }
}
