import { copyFileSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { z } from 'zod';

/** A log file is moved aside at this size; together with the one before, twice as much is kept. */
export const MAX_LOG_BYTES = 16 * 1024 * 1024;
export const LOG_CHECK_MS = 30_000;

/**
 * Keeps a log file bounded: beyond `maxBytes` it is copied to `<file>.1` and emptied. Writers have it open for appending,
 * so they go on at the new end; lines written between copy and emptying are lost.
 */
export function boundLog(file: string, maxBytes: number = MAX_LOG_BYTES): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= maxBytes) return;
  copyFileSync(file, `${file}.1`);
  truncateSync(file);
}

/** A line of pino at level fatal. */
const FatalLine = z.object({ level: z.literal(60), msg: z.string(), detail: z.string().optional() });

/** What a part that could not run said last: the fatal lines at the end of its log, for a person to read. */
export function lastWords(file: string): string[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').reverse();
  const words: string[] = [];
  for (const line of lines) {
    const parsed = FatalLine.safeParse(parseJson(line));
    if (!parsed.success) break;
    words.unshift(parsed.data.detail ?? parsed.data.msg);
  }
  return words;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
