import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ExitMarker } from './exit-marker.ts';

const NONCE = '0123456789abcdef';

test('however the reads cut it, output is whole and the code is found', () => {
  const piece = fc.constantFrom(
    'a',
    '\u001b',
    '\u001b]7779;',
    `\u001b]7779;${NONCE}`,
    'xyz\r\n',
    ';',
    '\u0007',
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 20 }),
      fc.integer({ min: 0, max: 255 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      fc.array(fc.boolean(), { minLength: 1 }),
      (pieces, code, cuts, pauses) => {
        // A whole marker cannot come from inside: the nonce is secret.
        const text = pieces.join('').replaceAll(`\u001b]7779;${NONCE};`, 'no');
        const bytes = Buffer.from(`${text}\u001b]7779;${NONCE};${code}\u0007`);
        const marker = new ExitMarker(NONCE);
        const output: Buffer[] = [];
        let found: number | null = null;
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const length = cuts[turn % cuts.length] ?? 1;
          const result = marker.scan(bytes.subarray(at, at + length));
          output.push(...result.output);
          found = result.exitCode ?? found;
          at += length;
          // A program waits here: what is held comes out, unless it is the marker's own beginning.
          if (pauses[turn % pauses.length] === true && at <= text.length) output.push(...marker.release());
        }
        expect(found).toBe(code);
        expect(Buffer.concat([...output, ...marker.rest()]).toString()).toBe(text);
      },
    ),
  );
});

test('a program that waits behind a beginning has printed all of it', () => {
  const marker = new ExitMarker(NONCE);
  expect(marker.scan(Buffer.from('x\u001b')).output.map(String)).toEqual(['x']);
  expect(marker.holding).toBe(true);
  expect(marker.release().map(String)).toEqual(['\u001b']);
  expect(marker.holding).toBe(false);
  expect(marker.scan(Buffer.from(']7779')).output).toEqual([]);
  expect(marker.scan(Buffer.from('!')).output.map(String)).toEqual([']7779!']);
});

test('bytes that only look like a beginning come out in the end', () => {
  const marker = new ExitMarker(NONCE);
  expect(marker.scan(Buffer.from('x\u001b]77')).output.map(String)).toEqual(['x']);
  expect(marker.rest().map(String)).toEqual(['\u001b]77']);
});
