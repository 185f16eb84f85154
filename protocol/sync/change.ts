import { checksumOf } from './checksum.ts';
import type { JsonObject } from './json.ts';
import { diff } from './merge-patch.ts';

/** Longest delta of one event, in JSON characters: an event stays within one control message whatever they encode to. */
export const MAX_DELTA_CHARS = 12 * 1024;

/** How a document changed, and the proof. */
export interface Change {
  /** Null: not told as a delta (it would be too long, or what was before is not known); take the whole state. */
  delta: JsonObject | null;
  /** Of the document after the change. */
  checksum: string;
}

/** Describes the change from `before` (null: unknown) to `after`. */
export function describeChange(before: JsonObject | null, after: JsonObject): Change {
  const checksum = checksumOf(after);
  const delta = before === null ? null : diff(before, after);
  return { delta: JSON.stringify(delta).length > MAX_DELTA_CHARS ? null : delta, checksum };
}

/**
 * Whether a log that keeps the versions from `oldest` to `newest` can take a replica on from `version`. If not, the
 * replica gets the whole state.
 */
export function logReaches(log: { oldest: number; newest: number }, version: number): boolean {
  return version <= log.newest && version >= log.oldest - 1;
}
