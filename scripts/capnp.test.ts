import { describe, expect, it } from 'vitest';
import { withoutTexts } from './capnp.ts';

/** A message of these segments, each a list of words: a number of 64 bits, or text that starts on a word of its own. */
function message(...segments: (bigint | string)[][]): Buffer {
  const bodies = segments.map((words) => Buffer.concat(words.map(encode)));
  const head = Buffer.alloc(Math.ceil((4 + 4 * bodies.length) / 8) * 8);
  head.writeUInt32LE(bodies.length - 1, 0);
  bodies.forEach((body, index) => head.writeUInt32LE(body.length / 8, 4 + 4 * index));
  return Buffer.concat([head, ...bodies]);
}

function encode(word: bigint | string): Buffer {
  if (typeof word === 'string') {
    const padded = Buffer.alloc(Math.ceil((word.length + 1) / 8) * 8);
    padded.write(word);
    return padded;
  }
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(word);
  return bytes;
}

/** A pointer to a text so many words behind it, and one into another segment. */
const text = (words: bigint, value: string): bigint =>
  (BigInt(8 * (value.length + 1) + 2) << 32n) | (words << 2n) | 1n;
const far = (segment: bigint, words: bigint): bigint => (segment << 32n) | (words << 3n) | 2n;

describe('taking texts out of a message', () => {
  it('sets their members to null, and leaves everything else', () => {
    const before = message([text(1n, 'secret'), text(1n, 'public'), 'secret', 'public']);
    const after = message([0n, text(1n, 'public'), 'secret', 'public']);
    expect(withoutTexts(before, ['secret'])).toEqual(after);
  });

  it('also those that another segment points to', () => {
    const before = message(
      [7n, far(1n, 1n), far(1n, 0n)],
      [text(2n, 'public'), text(0n, 'secret'), 'secret', 'public'],
    );
    const after = message([7n, 0n, far(1n, 0n)], [text(2n, 'public'), 0n, 'secret', 'public']);
    expect(withoutTexts(before, ['secret'])).toEqual(after);
  });

  it('says so when no member is one of them, though the letters are there', () => {
    expect(() => withoutTexts(message([text(0n, 'a secret'), 'a secret']), ['secret'])).toThrow(/no secret/);
    expect(() => withoutTexts(message([text(1n, 'secrets'), 'secret', 'secrets']), ['secret'])).toThrow(
      /no secret/,
    );
  });
});
