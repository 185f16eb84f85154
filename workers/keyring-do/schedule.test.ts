import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ACCESS_TOKEN_TTL_MS } from '../shared/auth.ts';
import { KEYS_MAX_AGE_MS, SIGNER_MAX_AGE_MS } from '../shared/keyring.ts';
import { type KeyTimes, planKeys, PUBLISHED_AHEAD_MS, signerOf, SIGNS_FOR_MS } from './schedule.ts';

const HOUR_MS = 3_600_000;

/** Applies plans as the actor does. */
class Played {
  keys: KeyTimes[] = [];
  nextMs = 0;
  #made = 0;

  tend(nowMs: number): void {
    const plan = planKeys(this.keys, nowMs);
    this.keys = this.keys.filter(({ kid }) => !plan.drop.includes(kid));
    if (plan.make !== null) this.keys.push({ kid: `key-${(this.#made += 1)}`, ...plan.make });
    this.nextMs = plan.nextMs;
  }
}

it('always has one key that signs, known to everybody who read the keys before, while its alarm is on time', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 20, maxLength: 60 }), (delays) => {
      const ring = new Played();
      let nowMs = 1_000;
      ring.tend(nowMs);
      for (const delayMs of delays) {
        const readBefore = ring.keys.map(({ kid }) => kid);
        // Half of the looks are at the alarm's time, late by a little; the others are somewhere before it.
        nowMs = delayMs % 2 === 0 ? ring.nextMs + delayMs : Math.min(ring.nextMs, nowMs + KEYS_MAX_AGE_MS);
        ring.tend(nowMs);
        const signing = ring.keys.filter((key) => key.signsFromMs <= nowMs && nowMs < key.signsUntilMs);
        expect(signing).toHaveLength(1);
        expect(readBefore).toContain(signing[0]?.kid);
        expect(ring.keys.length).toBeLessThanOrEqual(3);
        expect(ring.nextMs).toBeGreaterThan(nowMs);
      }
    }),
  );
});

it('keeps a key until the last token signed with it has ended', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: SIGNS_FOR_MS - 1 }), (afterMs) => {
      const ring = new Played();
      ring.tend(0);
      const signer = signerOf(ring.keys, afterMs);
      // Somebody got the key now, keeps it as long as allowed, signs a token at the end, and that lives out its life.
      const lastMs = Math.min(afterMs + SIGNER_MAX_AGE_MS, signer?.signsUntilMs ?? 0) + ACCESS_TOKEN_TTL_MS;
      while (ring.nextMs <= lastMs) ring.tend(ring.nextMs);
      expect(ring.keys.map(({ kid }) => kid)).toContain(signer?.kid);
      while (ring.nextMs <= SIGNS_FOR_MS + HOUR_MS) ring.tend(ring.nextMs);
      expect(ring.keys.map(({ kid }) => kid)).not.toContain(signer?.kid);
    }),
  );
});

it('publishes the next key ahead, and after a long sleep signs with a new one at once', () => {
  const ring = new Played();
  ring.tend(0);
  ring.tend(SIGNS_FOR_MS - PUBLISHED_AHEAD_MS);
  expect(ring.keys).toHaveLength(2);
  expect(signerOf(ring.keys, SIGNS_FOR_MS - 1)?.kid).toBe('key-1');
  expect(signerOf(ring.keys, SIGNS_FOR_MS)?.kid).toBe('key-2');
  const laterMs = 10 * SIGNS_FOR_MS;
  ring.tend(laterMs);
  expect(ring.keys.map(({ kid }) => kid)).toEqual(['key-3']);
  expect(signerOf(ring.keys, laterMs)?.kid).toBe('key-3');
});
