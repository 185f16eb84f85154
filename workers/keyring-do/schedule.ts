import { ACCESS_TOKEN_TTL_MS } from '../shared/auth.ts';
import { SIGNER_MAX_AGE_MS } from '../shared/keyring.ts';

/** A key signs for so long. */
export const SIGNS_FOR_MS = 7 * 24 * 3_600_000;
/** It is published so long before it signs, which is longer than anybody may keep the published set. */
export const PUBLISHED_AHEAD_MS = 3_600_000;
/** Clocks and alarms may be late by so much. */
const SLACK_MS = 60_000;
/** After its time to sign it is still published until the last token signed with it has ended. */
export const KEPT_AFTER_MS = SIGNER_MAX_AGE_MS + ACCESS_TOKEN_TTL_MS + SLACK_MS;

/** When a key signs, in milliseconds since the epoch. */
export interface KeyTimes {
  kid: string;
  signsFromMs: number;
  signsUntilMs: number;
}

/** What is to be done with the keys now, and when to look again. */
export interface Plan {
  /** A key to make, with the times it is to sign; null: none. */
  make: Omit<KeyTimes, 'kid'> | null;
  /** Key ids that nobody needs any more. */
  drop: string[];
  nextMs: number;
}

/**
 * Keeps one key signing at any time and its successor published ahead of it. Verifiers ask again for a key id they do
 * not know, so that a key which could not be published ahead is good, too.
 */
export function planKeys(keys: readonly KeyTimes[], nowMs: number): Plan {
  const lastUntilMs = Math.max(-Infinity, ...keys.map((key) => key.signsUntilMs));
  // Without one that signs now (nothing ran for long, or the clock was put back) the new one begins at once.
  const idle = signerOf(keys, nowMs) === null;
  const fromMs = idle ? nowMs : lastUntilMs;
  const due = idle || lastUntilMs - PUBLISHED_AHEAD_MS <= nowMs;
  const make = due ? { signsFromMs: fromMs, signsUntilMs: fromMs + SIGNS_FOR_MS } : null;
  const drop = keys.filter((key) => key.signsUntilMs + KEPT_AFTER_MS <= nowMs).map((key) => key.kid);
  const ends = keys.filter((key) => !drop.includes(key.kid)).map((key) => key.signsUntilMs + KEPT_AFTER_MS);
  const untilMs = make?.signsUntilMs ?? lastUntilMs;
  return { make, drop, nextMs: Math.min(untilMs - PUBLISHED_AHEAD_MS, ...ends) };
}

/** The key that signs now; null when it is still to be made. */
export function signerOf<Key extends KeyTimes>(keys: readonly Key[], nowMs: number): Key | null {
  return keys.find((key) => key.signsFromMs <= nowMs && nowMs < key.signsUntilMs) ?? null;
}
