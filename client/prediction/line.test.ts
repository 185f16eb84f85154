import headless from '@xterm/headless';
import { describe, expect, it } from 'vitest';
import { type Key, readKeys } from './keys.ts';
import { applyKey, type Editing, type Line } from './line.ts';
import { PLAIN } from './screen.ts';
import { certainWidth } from './width.ts';

const encoder = new TextEncoder();
const keysOf = (text: string): Key[] => readKeys(encoder.encode(text));
const EDITOR: Editing = { echoed: false, minX: 2, exact: true };
const KERNEL: Editing = { echoed: true, minX: 0, exact: false };

/** A line of 12 columns; `|` is the cursor. */
function line(text: string): Line {
  const x = text.indexOf('|');
  const characters = [...(text.slice(0, x) + text.slice(x + 1)).padEnd(12, ' ')];
  const cells = characters.flatMap((character) => {
    const width = certainWidth(character.codePointAt(0) ?? 0) ?? 1;
    const whole = { text: character, width, style: PLAIN };
    return width === 2 ? [whole, { text: '', width: 0, style: PLAIN }] : [whole];
  });
  const before = [...text.slice(0, x)].reduce(
    (sum, c) => sum + (certainWidth(c.codePointAt(0) ?? 0) ?? 1),
    0,
  );
  return { cells: cells.slice(0, 12), x: before };
}

function show({ cells, x }: Line): string {
  return cells
    .map((cell, at) => (at === x ? '|' : '') + cell.text)
    .join('')
    .trimEnd();
}

function typed(start: string, keys: string, editing = EDITOR): string | null {
  let now: Line | null = line(start);
  for (const key of keysOf(keys)) now = now === null ? null : applyKey(now, key, editing);
  return now === null ? null : show(now);
}

const LEFT = '\x1b[D';
const RIGHT = '\x1bOC';
const BACK = '\x7f';

describe('a line being edited', () => {
  it.each([
    ['$ |', 'ls', '$ ls|'],
    ['$ l|s', 'x', '$ lx|s'],
    ['$ ls|', BACK, '$ l|'],
    ['$ l|s', BACK, '$ |s'],
    ['$ |', BACK, '$ |'],
    ['$ |ab', LEFT, '$ |ab'],
    ['$ ab|', LEFT, '$ a|b'],
    ['$ a|b', RIGHT, '$ ab|'],
    ['$ ab|', RIGHT, null],
    ['$ |', '日本', '$ 日本|'],
    ['$ 日本|', BACK, '$ 日|'],
    ['$ 日本|', LEFT, '$ 日|本'],
    ['$ |日', 'x', '$ x|日'],
    ['$ 12345678|', '9', '$ 123456789|'],
    ['$ 123456789|', '0', null],
    ['$ 12345678|', '日', null],
    ['$ |123456789', 'x', null],
    ['$ |a   right', 'x', '$ x|a  right'],
    ['$ |', '😀', null],
    ['$ |', 'e\u0301', null],
    ['$ |', '\t', null],
  ])('%j and %j make %j', (start, keys, end) => {
    expect(typed(start, keys)).toBe(end);
  });

  it.each([
    ['|', 'ab', 'ab|'],
    ['ab|', BACK, 'a|'],
    ['|', BACK, null],
    ['ab|', LEFT, null],
    ['é|', BACK, null],
  ])('with the echo of the terminal itself %j and %j make %j', (start, keys, end) => {
    expect(typed(start, keys, KERNEL)).toBe(end);
  });

  it('types over a suggestion in another colour', () => {
    const { cells, x } = line('$ gi|t x');
    const dim = { ...PLAIN, dim: true };
    const suggested = { cells: cells.map((cell, at) => (at >= x ? { ...cell, style: dim } : cell)), x };
    const [key] = keysOf('t');
    const next = key === undefined ? null : applyKey(suggested, key, EDITOR);
    expect(next === null ? null : show(next)).toBe('$ git| x');
  });
});

describe('keys', () => {
  it('are told apart, and their lengths add up', () => {
    const text = 'aé日\x7f\x1b[D\x1bOC\x1b[1;5C\r\x1b[Aq';
    const keys = keysOf(text);
    expect(keys.map(({ kind }) => kind)).toEqual([
      ...['text', 'text', 'text', 'backspace', 'left', 'right', 'other', 'other', 'other', 'text'],
    ]);
    expect(keys.filter((key) => key.kind === 'other').map((key) => key.endsLine)).toEqual([
      false,
      true,
      false,
    ]);
    expect(keys.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(encoder.encode(text).length);
  });

  it.each([
    encoder.encode('x'.repeat(65)),
    encoder.encode('\x1b[200~ls\x1b[201~'),
    Uint8Array.of(0xc3, 0x28),
  ])('pastes and what is not text are one of a kind unknown', (bytes) => {
    expect(readKeys(bytes)).toMatchObject([{ kind: 'other', bytes: bytes.length }]);
  });
});

it('a width that is certain is what the terminal makes it', async () => {
  const terminal = new headless.Terminal({ cols: 4, rows: 1, allowProposedApi: true });
  for (let code = 0x20; code < 0xff80; code += code < 0x600 ? 1 : 97) {
    const width = certainWidth(code);
    if (width === null) continue;
    await new Promise<void>((resolve) => terminal.write(`\r\x1b[K${String.fromCodePoint(code)}`, resolve));
    expect([code, terminal.buffer.active.cursorX]).toEqual([code, width]);
  }
});

it.each([KERNEL, EDITOR])('the last column is never written, nor by half a wide character: %o', (editing) => {
  expect(typed('abcdefghijk|', 'l', editing)).toBeNull();
  expect(typed('abcdefghij|', 'あ', editing)).toBeNull();
});

it('what terminals draw in different widths is not predicted', () => {
  for (const text of ['😀', '👩‍🚀', '❤️', 'e\u0301']) {
    expect(keysOf(text).some(({ kind }) => kind === 'other')).toBe(true);
    expect(typed('ab|', text, KERNEL)).toBeNull();
  }
});
