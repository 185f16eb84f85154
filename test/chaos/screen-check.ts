import headless from '@xterm/headless';
import type { ScreenSnapshot } from '../../client/index.ts';
import { SNAPSHOT_SCROLLBACK_LINES } from '../../protocol/limits.ts';
import type { ByteStream } from './streams.ts';

/** Output before a screen that decides all of it, scrollback included: whole blocks of lines. */
const BLOCK_BYTES = 64 * 1024;
const ENOUGH_BLOCKS = 3;

/** Compares a screen with that of a terminal that was shown the bytes themselves. Out: the difference, or null. */
export async function screenIsExact(truth: ByteStream, screen: ScreenSnapshot): Promise<string | null> {
  const from = Math.max(0, Math.floor(screen.offset / BLOCK_BYTES) - ENOUGH_BLOCKS) * BLOCK_BYTES;
  const [got, wanted] = await Promise.all([
    show(screen, screen.bytes),
    show(screen, truth.bytes(from, screen.offset - from)),
  ]);
  const at = wanted.findIndex((line, index) => line !== got[index]);
  if (at === -1 && got.length === wanted.length) return null;
  const line = (lines: string[]): string => JSON.stringify(lines[at] ?? 'nothing');
  return `the screen at ${screen.offset} has ${line(got)} instead of ${line(wanted)} in line ${at} of ${wanted.length}`;
}

/** Every line of screen and scrollback with its colours, and where the cursor is. */
async function show(size: { cols: number; rows: number }, bytes: Uint8Array): Promise<string[]> {
  const { cols, rows } = size;
  const terminal = new headless.Terminal({
    ...{ cols, rows, scrollback: SNAPSHOT_SCROLLBACK_LINES, allowProposedApi: true },
  });
  await new Promise<void>((resolve) => terminal.write(bytes, resolve));
  const { active } = terminal.buffer;
  const lines = Array.from({ length: active.length }, (_unused, row) => {
    const line = active.getLine(row);
    let text = '';
    for (let column = 0; column < cols; column++) {
      const cell = line?.getCell(column);
      const characters = cell?.getChars() ?? '';
      if (characters.trim() !== '') text += `${characters}${cell?.getFgColor() ?? ''};`;
      else text += ' ';
    }
    return text.trimEnd();
  });
  lines.push(`cursor ${active.cursorX} ${active.cursorY} of ${active.baseY}`);
  terminal.dispose();
  return lines;
}
