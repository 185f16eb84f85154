import { copyFileSync, statSync, truncateSync } from 'node:fs';

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
