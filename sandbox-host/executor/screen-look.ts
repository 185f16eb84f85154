import { Flag, type Look } from './emulator-state.ts';

const COLOUR_KIND = 0x300_0000;
const KIND_16 = 0x100_0000;
const KIND_256 = 0x200_0000;
const UNDERLINE_STYLE_SHIFT = 26;

/** A {@link Look} by value: `extended` is 0 unless it counts, `link` 0 without a hyperlink. */
export interface FlatLook {
  fg: number;
  bg: number;
  extended: number;
  link: number;
}

export const PLAIN_LOOK: FlatLook = { fg: 0, bg: 0, extended: 0, link: 0 };

/** Copies what counts of a look. */
export function flatten({ fg, bg, extended }: Look): FlatLook {
  const counts = (bg & Flag.Extended) !== 0;
  return {
    fg: withoutRest(fg),
    bg: withoutRest(bg & ~Flag.Extended),
    extended: underlined(fg, counts ? extended._ext : 0),
    link: counts ? extended.urlId : 0,
  };
}

/** The colour of the pen, also where {@link flatten} leaves it out because nothing is underlined. */
export function flattenPen(pen: Look): FlatLook {
  return { ...flatten(pen), extended: underlined(pen.fg, pen.extended._ext), link: pen.extended.urlId };
}

/** A restored cursor brings back whether text is underlined but not how: as one line, then. */
function underlined(fg: number, extended: number): number {
  const style = (fg & Flag.Underline) === 0 ? 0 : Math.max(1, (extended >>> UNDERLINE_STYLE_SHIFT) & 7);
  return withoutRest(extended & Flag.Colour) | (style << UNDERLINE_STYLE_SHIFT);
}

/** An indexed colour set over a true one leaves some of its bits behind. */
function withoutRest(value: number): number {
  const kind = value & COLOUR_KIND;
  // Always signed: the library has the same bits now with a sign, now without.
  if (kind === COLOUR_KIND) return value | 0;
  return (value & ~Flag.Colour) | kind | (kind === 0 ? 0 : value & 0xff);
}

/** Whether text of both looks the same, apart from hyperlinks. */
export function sameLook(a: FlatLook, b: FlatLook): boolean {
  return a.fg === b.fg && a.bg === b.bg && a.extended === b.extended;
}

/** The sequence that gives following text this look, whatever it was before. Hyperlinks are not part of it. */
export function lookSequence({ fg, bg, extended }: FlatLook): string {
  const codes = ['0'];
  const flag = (value: number, bit: number, code: string): void => {
    if ((value & bit) !== 0) codes.push(code);
  };
  flag(fg, Flag.Bold, '1');
  flag(bg, Flag.Dim, '2');
  flag(bg, Flag.Italic, '3');
  const underline = (extended >>> UNDERLINE_STYLE_SHIFT) & 7;
  if ((fg & Flag.Underline) !== 0) codes.push(underline <= 1 ? '4' : `4:${underline}`);
  flag(fg, Flag.Blink, '5');
  flag(fg, Flag.Inverse, '7');
  flag(fg, Flag.Invisible, '8');
  flag(fg, Flag.Strikethrough, '9');
  flag(bg, Flag.Overline, '53');
  pushColour(codes, fg, 30);
  pushColour(codes, bg, 40);
  if ((extended & COLOUR_KIND) !== 0) codes.push(extendedColour(extended, 58, ':'));
  const sgr = codes.length === 1 ? '\x1b[m' : `\x1b[${codes.join(';')}m`;
  return (bg & Flag.Protected) === 0 ? sgr : `${sgr}\x1b[1"q`;
}

function pushColour(codes: string[], value: number, base: 30 | 40): void {
  const kind = value & COLOUR_KIND;
  const index = value & 0xff;
  if (kind === 0) return;
  if (kind === KIND_16) codes.push(String(index < 8 ? base + index : base + 52 + index));
  else codes.push(extendedColour(value, base === 30 ? 38 : 48, ';'));
}

function extendedColour(value: number, code: number, separator: ';' | ':'): string {
  const kind = value & COLOUR_KIND;
  if (kind === KIND_16 || kind === KIND_256) return [code, 5, value & 0xff].join(separator);
  const rgb = [(value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
  // With colons there is a colour space before the components.
  return [code, 2, ...(separator === ':' ? [''] : []), ...rgb].join(separator);
}
