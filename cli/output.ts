import type { SessionEvent } from '../client/index.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** True when colour is wanted on a stream: a terminal, and NO_COLOR not set (https://no-color.org). */
export function wantsColor(
  stream: { isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const noColor = env['NO_COLOR'];
  return stream.isTTY === true && (noColor === undefined || noColor === '') && env['TERM'] !== 'dumb';
}

/** Dims a text when `color`. */
export function dim(text: string, color: boolean): string {
  return color ? `\x1b[2m${text}\x1b[22m` : text;
}

/**
 * Text a stranger wrote, made safe for a terminal: control characters (which could move the cursor or set the title)
 * and what is not seen itself but changes what is are shown as `?`.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}

/** {@link printable}, of a text of several lines. */
export function printableLines(text: string): string {
  return text.replaceAll(/(?!\r?\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}

/** A value as one line of JSON, with everything escaped that {@link printable} would not show; it parses to the same. */
export function jsonLine(value: unknown): string {
  const escaped = JSON.stringify(value).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (hidden) =>
    // By code unit: JSON has no longer escapes.
    hidden.replaceAll(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
  return `${escaped}\n`;
}

/** Lines of left-aligned columns, two spaces apart, no trailing blanks. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** One event on one line: version, time, what, and what it is about. */
export function eventLine(event: SessionEvent): string {
  const facts = Object.entries(event.data).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const [version, time] = [String(event.version).padStart(5), event.at.slice(11, 19)];
  return printable([version, time, event.kind.padEnd(6), event.subject, ...facts].join(' ')) + '\n';
}

/** How long ago, in words: `now`, `5m ago`, `3h ago`, `2d ago`. */
export function ago(atMs: number, nowMs: number): string {
  const ms = Math.max(0, nowMs - atMs);
  if (ms < MINUTE_MS) return 'now';
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)}m ago`;
  if (ms < 24 * HOUR_MS) return `${Math.floor(ms / HOUR_MS)}h ago`;
  return `${Math.floor(ms / (24 * HOUR_MS))}d ago`;
}
