import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { base64Url } from '../shared/ids.ts';

/** A family ends when it was not used for so long... */
export const REFRESH_IDLE_MS = 30 * 24 * 3_600_000;
/** ...and so long after the sign-in in any case. */
export const REFRESH_ABSOLUTE_MS = 90 * 24 * 3_600_000;
/**
 * The token before the current one still answers, with the same current one, for so long after it was spent: the answer
 * may have been lost, and several tabs of a browser may use it at once.
 */
export const REFRESH_GRACE_MS = 30_000;

/**
 * A family of refresh tokens (RFC 9700, 4.14.2): one device's, each token good once and spent for the next. No token is
 * stored. The secret of a generation is a MAC over family and generation under a key that is not in the store, so that
 * the same successor can be answered again and a spent token be told from an invented one; the hash of the current and of
 * the one before is what is compared first, so that both outlive a change of that key.
 */
export interface RefreshFamily {
  generation: number;
  currentHash: string;
  previousHash: string | null;
  /** When the current token was made. */
  rotatedAtMs: number;
  /** Absolute end. */
  expiresAtMs: number;
  revokedAtMs: number | null;
}

/** A token that somebody presents. */
export interface PresentedToken {
  generation: number;
  hash: string;
  /** Whether it was ever given out; asked only when its hash is not known. */
  isGenuine: () => boolean;
}

/** `rotate`: give the next token; `repeat`: the current one again; `reuse`: somebody else has a copy; `refuse`: no good. */
export type RefreshDecision = 'rotate' | 'repeat' | 'reuse' | 'refuse';

/** What a presented token is good for. */
export function decideRefresh(
  family: RefreshFamily,
  presented: PresentedToken,
  nowMs: number,
): RefreshDecision {
  if (hasEnded(family, nowMs)) return 'refuse';
  if (presented.hash === family.currentHash) return 'rotate';
  const isPrevious = presented.hash === family.previousHash;
  if (isPrevious && nowMs - family.rotatedAtMs <= REFRESH_GRACE_MS) return 'repeat';
  if (isPrevious) return 'reuse';
  return presented.generation < family.generation && presented.isGenuine() ? 'reuse' : 'refuse';
}

/** Whether a family gives no more tokens: revoked, too old, or not used for too long. */
export function hasEnded(family: RefreshFamily, nowMs: number): boolean {
  return family.revokedAtMs !== null || endsAtMs(family) <= nowMs;
}

/** When a family ends if nothing more happens. */
export function endsAtMs(family: Pick<RefreshFamily, 'expiresAtMs' | 'rotatedAtMs'>): number {
  return Math.min(family.expiresAtMs, family.rotatedAtMs + REFRESH_IDLE_MS);
}

/** The key that makes secrets, out of the deployment's own (RFC 5869). */
export function refreshKey(signingKey: string): Uint8Array {
  return hkdf(sha256, utf8ToBytes(signingKey), undefined, utf8ToBytes('alex-edge refresh tokens'), 32);
}

/** The secret of one generation of a family, which no two families share: `salt` is the family's own. */
export function refreshSecret(
  key: Uint8Array,
  family: { userId: string; id: string; salt: string },
  generation: number,
): string {
  const text = JSON.stringify([family.userId, family.id, family.salt, generation]);
  return base64Url(hmac(sha256, key, utf8ToBytes(text)));
}

/** What is stored of a secret. It has 256 bits, so that a plain hash is enough. */
export function hashSecret(secret: string): string {
  return base64Url(sha256(utf8ToBytes(secret)));
}
