import type { Credential } from '../rpc.ts';
import { DENIALS_WINDOW_MS } from './risk.ts';

/** Credentials remembered; the one remembered longest goes first. */
const MAX_CREDENTIALS = 10_000;
/** Denials remembered of each: more do not raise the risk. */
const MAX_DENIALS = 16;

/** When each credential was refused lately, in this isolate. */
const refusals = new Map<string, number[]>();

/** How often a credential was refused lately. */
export function recentDenials(credential: Credential | undefined): number {
  const times = credential === undefined ? undefined : refusals.get(keyOf(credential));
  if (times === undefined) return 0;
  const sinceMs = Date.now() - DENIALS_WINDOW_MS;
  return times.filter((atMs) => atMs > sinceMs).length;
}

/** A credential was refused something just now. */
export function rememberDenial(credential: Credential): void {
  const key = keyOf(credential);
  const times = refusals.get(key) ?? [];
  refusals.delete(key);
  const oldest = refusals.keys().next();
  if (refusals.size >= MAX_CREDENTIALS && oldest.done !== true) refusals.delete(oldest.value);
  refusals.set(key, [...times, Date.now()].slice(-MAX_DENIALS));
}

function keyOf({ kind, id }: Credential): string {
  return `${kind}/${id}`;
}
