import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  activate,
  addTab,
  channelsOf,
  cycle,
  EMPTY_LAYOUT,
  type Layout,
  parseLayout,
  reconcile,
  remove,
  setRatio,
  split,
} from './layout.ts';

const all = (layout: Layout): number[] => layout.tabs.flatMap(channelsOf);

test('splitting puts terminals side by side, removing gives the room back', () => {
  const two = split(addTab(EMPTY_LAYOUT, 1), 1, 2, 'row');
  expect(two).toMatchObject({ tabs: [{ direction: 'row', ratio: 0.5 }], focused: 2 });
  expect(remove(two, 2)).toEqual({ tabs: [{ channel: 1 }], active: 0, focused: 1 });
  expect(remove(remove(two, 1), 2)).toEqual(EMPTY_LAYOUT);
});

test('the focus goes round within a tab', () => {
  const three = split(split(addTab(EMPTY_LAYOUT, 1), 1, 2, 'row'), 2, 3, 'column');
  expect(cycle(three, 1).focused).toBe(1);
  expect(cycle(three, -1).focused).toBe(2);
});

test('a divider keeps its bounds', () => {
  const two = split(addTab(EMPTY_LAYOUT, 1), 1, 2, 'row');
  expect(setRatio(two, [], 2).tabs[0]).toMatchObject({ ratio: 0.9 });
});

test('whatever is done, no terminal is lost or doubled, and focus and tab exist', () => {
  const step = fc.record({
    kind: fc.constantFrom('add', 'split', 'remove', 'activate', 'reconcile'),
    n: fc.nat(8),
    m: fc.nat(8),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let layout = EMPTY_LAYOUT;
      let next = 100;
      for (const { kind, n, m } of steps) {
        const before = all(layout);
        if (kind === 'add') layout = addTab(layout, next++);
        if (kind === 'split') layout = split(layout, before[n] ?? -1, next++, m % 2 === 0 ? 'row' : 'column');
        if (kind === 'remove') layout = remove(layout, before[n] ?? -1);
        if (kind === 'activate') layout = activate(layout, n);
        if (kind === 'reconcile') layout = reconcile(layout, [...before.slice(m), next++]);
        const channels = all(layout);
        expect(new Set(channels).size).toBe(channels.length);
        if (channels.length === 0) expect(layout.focused).toBeNull();
        else expect(channelsOf(layout.tabs[layout.active] ?? { channel: -1 })).toContain(layout.focused);
        expect(parseLayout(JSON.parse(JSON.stringify(layout)))).toEqual(layout);
      }
    }),
  );
});

test('a stored value that is no layout is refused', () => {
  expect(parseLayout({ tabs: [{ direction: 'up' }] })).toBeNull();
  expect(parseLayout('x')).toBeNull();
});
