/** Bytes of a word; everything in a message is aligned to it. */
const WORD = 8;

/** Kinds of pointers, in the lowest two bits; the size code of a list of bytes. */
const LIST = 1;
const FAR = 2;
const BYTES = 2;

interface Segment {
  from: number;
  end: number;
}

/**
 * A serialised Cap'n Proto message in which every member that was one of these texts is as if it had never been set.
 * Format: https://capnproto.org/encoding.html. Throws when no member is one of them: then what was to be taken out may be
 * there in another form.
 */
export function withoutTexts(message: Uint8Array, texts: readonly string[]): Uint8Array {
  const bytes = Buffer.from(message);
  const segments = segmentsOf(bytes);
  for (const text of texts) {
    const pointers = segments.flatMap((segment) => pointersTo(bytes, segment, Buffer.from(`${text}\0`)));
    if (pointers.length === 0) throw new Error(`There is no ${text} in the configuration.`);
    for (const at of pointers) {
      for (const far of farPointersTo(bytes, segments, at)) bytes.fill(0, far, far + WORD);
      bytes.fill(0, at, at + WORD);
    }
  }
  return bytes;
}

/** Where the segments are: a message begins with their number less one, and their lengths in words. */
function segmentsOf(bytes: Buffer): Segment[] {
  const count = bytes.readUInt32LE(0) + 1;
  let from = Math.ceil((4 + 4 * count) / WORD) * WORD;
  return Array.from({ length: count }, (_, index) => {
    const segment = { from, end: from + WORD * bytes.readUInt32LE(4 + 4 * index) };
    from = segment.end;
    return segment;
  });
}

/** Positions of pointers in a segment to a text in it. */
function pointersTo(bytes: Buffer, { from, end }: Segment, text: Buffer): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(text, from); at !== -1 && at < end; at = bytes.indexOf(text, at + 1)) {
    if ((at - from) % WORD !== 0) continue;
    for (let pointer = from; pointer < end; pointer += WORD) {
      const low = bytes.readInt32LE(pointer);
      if ((low & 3) !== LIST || pointer + WORD + WORD * (low >> 2) !== at) continue;
      const high = bytes.readUInt32LE(pointer + 4);
      if ((high & 7) === BYTES && high >>> 3 === text.length) found.push(pointer);
    }
  }
  return found;
}

/** Positions of pointers, in any segment, that lead to the pointer at `pad`. */
function farPointersTo(bytes: Buffer, segments: readonly Segment[], pad: number): number[] {
  const index = segments.findIndex(({ from, end }) => pad >= from && pad < end);
  const words = (pad - (segments[index]?.from ?? 0)) / WORD;
  const found: number[] = [];
  for (const { from, end } of segments) {
    for (let pointer = from; pointer < end; pointer += WORD) {
      const low = bytes.readUInt32LE(pointer);
      const leads = (low & 7) === FAR && low >>> 3 === words && bytes.readUInt32LE(pointer + 4) === index;
      if (leads) found.push(pointer);
    }
  }
  return found;
}
