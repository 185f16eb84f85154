import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, type JsonObject } from './json.ts';
import { diff, merge, withoutNulls } from './merge-patch.ts';

/** Documents: objects of anything, without `null` members. Few names, so that two have much in common. */
const name = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', '1');
const { document } = fc.letrec<{ document: JsonObject; value: JsonObject[string] }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(fc.integer({ min: 0, max: 3 }), fc.boolean(), fc.constantFrom('', 'x')),
    tie('document'),
    fc.array(fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constant(null)), { maxLength: 3 }),
  ),
  document: fc
    .array(fc.tuple(name, tie('value')), { maxLength: 5 })
    .map((members) => Object.fromEntries(members)),
}));

describe('a merge patch', () => {
  it.each([
    // RFC 7396 appendix A, those with an object on both sides.
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ] as [JsonObject, JsonObject, JsonObject][])('makes of %j by %j: %j', (before, patch, after) => {
    expect(merge(before, patch)).toEqual(after);
  });

  it('made from two documents makes one of the other, and does not touch either', () => {
    fc.assert(
      fc.property(document, document, (before, after) => {
        const [beforeText, afterText] = [canonicalJson(before), canonicalJson(after)];
        const patch = JSON.parse(JSON.stringify(diff(before, after))) as JsonObject;
        expect(canonicalJson(merge(before, patch))).toBe(afterText);
        expect([canonicalJson(before), canonicalJson(after)]).toEqual([beforeText, afterText]);
        if (beforeText === afterText) expect(patch).toEqual({});
      }),
      { numRuns: 1_000 },
    );
  });
});

it('null members are left out at any depth, those of arrays stay', () => {
  expect(withoutNulls({ a: null, b: { c: null, d: [null] }, e: 0 })).toEqual({ b: { d: [null] }, e: 0 });
});
