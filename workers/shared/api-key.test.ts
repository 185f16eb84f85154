import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { API_KEY_PATTERN, drawApiKey, looksLikeApiKey, parseApiKey } from './api-key.ts';

describe('an API key', () => {
  it('has the documented form and is found again by its parts', () => {
    for (let round = 0; round < 200; round += 1) {
      const { key, id, hash } = drawApiKey();
      expect(key).toMatch(/^alex_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}$/);
      expect(looksLikeApiKey(key)).toBe(true);
      expect(parseApiKey(key)).toEqual({ id, hash });
      expect(API_KEY_PATTERN.exec(`token=${key}, next`)?.[0]).toBe(key);
    }
  });

  it('is told from one with any character changed, without asking anybody', () => {
    const { key } = drawApiKey();
    fc.assert(
      fc.property(fc.nat(key.length - 1), fc.constantFrom(...'0aZz_-x'), (at, character) => {
        fc.pre(key[at] !== character);
        expect(parseApiKey(key.slice(0, at) + character + key.slice(at + 1))).toBeNull();
      }),
    );
    for (const bad of ['', 'alex_', key.slice(0, -1), `${key}0`, ` ${key}`, key.toUpperCase()])
      expect(parseApiKey(bad)).toBeNull();
  });
});
