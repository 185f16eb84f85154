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

/** Lines at the top of a scrollback that may have lost their beginning: one line, as wide as the widest, in a narrow terminal. */
const TORN_LINES = 8;

/**
 * As {@link difference}, but what somebody shows may go further back than what is wanted. Who was away is not told of a size
 * that a terminal had for a moment, with nothing printed at it; to the others it was narrow for that moment, so that the
 * lines wrapped and pushed the oldest off.
 */
export function differenceAtEnd(got: readonly string[], wanted: readonly string[]): string | null {
  const more = got.length - wanted.length;
  if (more <= 0) return difference(got, wanted);
  const withoutBase = (line: string | undefined): string => line?.replace(/ of \d+$/, '') ?? '';
  const end = (lines: readonly string[]): string[] => [
    ...lines.slice(TORN_LINES, -1),
    withoutBase(lines.at(-1)),
  ];
  return difference(end(got.slice(more)), end(wanted));
}
