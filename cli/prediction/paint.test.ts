import headless from '@xterm/headless';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PLAIN } from '../../client/prediction/screen.ts';
import { readStyle } from '../../client/prediction/xterm-screen.ts';
import { Emulator } from './emulator.ts';
import { look, paint } from './paint.ts';

const SIZE = { cols: 20, rows: 3 };

function write(terminal: { write(data: string, then: () => void): void }, text: string): Promise<void> {
  return new Promise((resolve) => terminal.write(text, resolve));
}

/** Everything a person could tell apart. */
function photo(terminal: headless.Terminal): unknown {
  const { active } = terminal.buffer;
  const cells = Array.from({ length: SIZE.cols * SIZE.rows }, (_unused, at) => {
    const cell = active.getLine(active.baseY + Math.floor(at / SIZE.cols))?.getCell(at % SIZE.cols);
    return cell === undefined ? null : [cell.getChars().trim(), cell.getWidth(), readStyle(cell)];
  });
  return { cells, cursor: [active.cursorX, active.cursorY] };
}

const colours = fc.constantFrom('', '\x1b[1;31m', '\x1b[38;5;200;48;2;1;2;3m', '\x1b[7;92m', '\x1b[3;4m');
const texts = fc.constantFrom('ab', '日本', ' x ', '$ ', 'q日', '');
const lines = fc.array(fc.tuple(colours, texts), { maxLength: 5 });

it('what is drawn shows, and erasing it leaves no trace, also in what is written next', async () => {
  await fc.assert(
    fc.asyncProperty(
      lines,
      fc.array(fc.constantFrom('z', '語'), { minLength: 1, maxLength: 4 }),
      fc.nat({ max: 15 }),
      async (line, typed, from) => {
        const start = `one\r\n${line.map(([colour, text]) => colour + text).join('')}`;
        const [emulator, painted, plain] = [
          new Emulator(SIZE),
          new headless.Terminal({ ...SIZE, allowProposedApi: true }),
          new headless.Terminal({ ...SIZE, allowProposedApi: true }),
        ];
        await Promise.all([
          new Promise<void>((resolve) => emulator.write(start, resolve)),
          write(painted, start),
          write(plain, start),
        ]);
        let x = from;
        const cells = typed.flatMap((text) => {
          const width = text === '語' ? 2 : 1;
          const cell = { x, text, width, style: PLAIN };
          x += width;
          return x < SIZE.cols ? [cell] : [];
        });
        const { screen } = emulator;
        const style = emulator.drawable();
        if (style === null) throw new Error('Nothing may be drawn.');
        const overlay = { y: screen.cursor.y, x: from, cells, underline: true };
        const { draw, erase } = paint(overlay, screen.row(screen.cursor.y), screen.cursor.x, style);
        await write(painted, draw);
        for (const cell of cells) {
          const drawn = painted.buffer.active.getLine(1)?.getCell(cell.x);
          expect([drawn?.getChars(), drawn?.isUnderline() !== 0]).toEqual([cell.text, true]);
        }
        expect(painted.buffer.active.cursorX).toBe(from);
        await write(painted, `${erase}next`);
        await write(plain, 'next');
        expect(photo(painted)).toEqual(photo(plain));
      },
    ),
    { numRuns: 150 },
  );
});

it('looks are put back whole', () => {
  const style = {
    foreground: { kind: 'rgb', value: 0x0102ff },
    background: { kind: 'palette', index: 9 },
    ...{ bold: true, dim: false, italic: false, underline: false, inverse: true },
  } as const;
  expect(look(style)).toBe('\x1b[0;1;7;38;2;1;2;255;101m');
  expect(look(PLAIN)).toBe('\x1b[0m');
});

it('nothing may be drawn within a sequence, within a character, or with another character set', async () => {
  const emulator = new Emulator(SIZE);
  const after = async (bytes: Uint8Array | string): Promise<boolean> => {
    await new Promise<void>((resolve) => emulator.write(bytes, resolve));
    return emulator.drawable() !== null;
  };
  expect(await after('text')).toBe(true);
  expect(await after('\x1b[3')).toBe(false);
  expect(await after('1m')).toBe(true);
  expect(await after(Uint8Array.of(0xe6, 0x97))).toBe(false);
  expect(await after(Uint8Array.of(0xa5))).toBe(true);
  expect(await after('\x1b(0')).toBe(false);
  expect(await after('\x1b(B')).toBe(true);
  expect(await after('\x1b]0;title')).toBe(false);
});
