/**
 * Ranges whose width every terminal and every C library agrees on, as [first, last, cells]. Emoji, combining marks and
 * characters of ambiguous width are not among them: what cannot be known is not predicted.
 */
const RANGES: readonly (readonly [number, number, 1 | 2])[] = [
  [0x20, 0x7e, 1],
  [0xc0, 0xd6, 1],
  [0xd8, 0xf6, 1],
  [0xf8, 0x24f, 1],
  [0x386, 0x3ff, 1],
  [0x400, 0x482, 1],
  [0x48a, 0x52f, 1],
  [0x3041, 0x3096, 2],
  [0x30a1, 0x30fa, 2],
  [0x3400, 0x4dbf, 2],
  [0x4e00, 0x9fff, 2],
  [0xac00, 0xd7a3, 2],
  [0xff01, 0xff60, 2],
];

/** Cells a character takes; null when that is not certain. */
export function certainWidth(codePoint: number): 1 | 2 | null {
  for (const [first, last, cells] of RANGES) if (codePoint >= first && codePoint <= last) return cells;
  return null;
}
