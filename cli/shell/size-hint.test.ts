import { expect, it } from 'vitest';
import { SizeHint } from './size-hint.ts';

const own = { cols: 80, rows: 24 };
const other = { cols: 120, rows: 40 };
const ada = { displayName: 'Ada\x1b[2J' };

it('says whose size it is, once, and again when it is another', () => {
  const hint = new SizeHint();
  expect(hint.next(other, own, ada, true)).toBe(
    'sized by Ada?[2J: 120x40, your window is 80x24; type to use yours',
  );
  expect(hint.next(other, own, ada, true)).toBeNull();
  expect(hint.next(own, own, ada, true)).toBeNull();
  expect(hint.next(other, own, ada, false)).toBe('sized by Ada?[2J: 120x40, your window is 80x24');
});

it('has nothing to say of a size that is one’s own', () => {
  const hint = new SizeHint();
  expect(hint.next(other, own, null, true)).toBeNull();
  expect(hint.next(own, own, ada, true)).toBeNull();
});

it('says it again when it was wiped from the screen', () => {
  const hint = new SizeHint();
  const said = hint.next(other, own, ada, true);
  hint.forget();
  expect(hint.next(other, own, ada, true)).toBe(said);
});
