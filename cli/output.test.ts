import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonLine, printable, printableLines } from './output.ts';

/** What a terminal may act on, or what changes how its neighbours look. */
const ACTIVE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const HOSTILE = '\u001b]0;owned\u0007\u009b2J\u202Egnp\u{E0041}\u2028\r';
const hostile = fc.string({ unit: fc.constantFrom(...HOSTILE, 'a', 'é', '"', '\\', '\n') });

it('what strangers wrote reaches no terminal as more than text', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(printable(text)).not.toMatch(ACTIVE);
      expect(printableLines(text).replaceAll(/\r?\n/g, '')).not.toMatch(ACTIVE);
    }),
  );
  expect(printableLines('one\r\ntwo\nthree\rfour')).toBe('one\r\ntwo\nthree?four');
});

it('as JSON it is escaped, and parses to the same', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const line = jsonLine({ [text]: [text] });
      expect(line.slice(0, -1)).not.toMatch(ACTIVE);
      expect(JSON.parse(line)).toEqual({ [text]: [text] });
    }),
  );
});
