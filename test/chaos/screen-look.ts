import headless from '@xterm/headless';
import { SNAPSHOT_SCROLLBACK_LINES } from '../../protocol/limits.ts';
import type { TerminalSize } from '../../protocol/messages/session.ts';

/** An empty terminal with the scrollback that screens carry. */
export function blankTerminal({ cols, rows }: TerminalSize): headless.Terminal {
  return new headless.Terminal({
    ...{ cols, rows, scrollback: SNAPSHOT_SCROLLBACK_LINES, allowProposedApi: true },
  });
}

/** Resolves when everything written so far was parsed. */
export function parsed(terminal: headless.Terminal, bytes: Uint8Array | string = ''): Promise<void> {
  return new Promise((resolve) => terminal.write(bytes, resolve));
}

/** Every line of screen and scrollback with its colours, and where the cursor is. */
export function lookOf(terminal: headless.Terminal): string[] {
  const { active } = terminal.buffer;
  const lines = Array.from({ length: active.length }, (_unused, row) => {
    const line = active.getLine(row);
    let text = '';
    for (let column = 0; column < terminal.cols; column++) {
      const cell = line?.getCell(column);
      const characters = cell?.getChars() ?? '';
      if (characters.trim() !== '') text += `${characters}${cell?.getFgColor() ?? ''};`;
      else text += ' ';
    }
    return text.trimEnd();
  });
  lines.push(`cursor ${active.cursorX} ${active.cursorY} of ${active.baseY}`);
  return lines;
}

/** The first line in which two looks differ, said for a report; null when they do not. */
export function difference(got: readonly string[], wanted: readonly string[]): string | null {
  const length = Math.max(got.length, wanted.length);
  for (let at = 0; at < length; at++) {
    if (got[at] === wanted[at]) continue;
    const line = (lines: readonly string[]): string => JSON.stringify(lines[at] ?? 'nothing');
    return `${line(got)} instead of ${line(wanted)} in line ${at} of ${got.length} and ${wanted.length}`;
  }
  return null;
}
