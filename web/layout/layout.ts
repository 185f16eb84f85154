/** How the terminals of a session are arranged: tabs, each a tree of splits. Pure; every function gives a new layout. */
export type Tree =
  { channel: number } | { direction: 'row' | 'column'; ratio: number; first: Tree; second: Tree };

export interface Layout {
  tabs: Tree[];
  /** Index of the tab shown; 0 when there is none. */
  active: number;
  /** The terminal that has the keyboard; null when there is none. */
  focused: number | null;
}

export const EMPTY_LAYOUT: Layout = { tabs: [], active: 0, focused: null };
export const MIN_RATIO = 0.1;

/** Channels of a tree, from left to right and top to bottom. */
export function channelsOf(tree: Tree): number[] {
  return 'channel' in tree ? [tree.channel] : [...channelsOf(tree.first), ...channelsOf(tree.second)];
}

/** A new tab with this terminal, shown and focused. */
export function addTab(layout: Layout, channel: number): Layout {
  return { tabs: [...layout.tabs, { channel }], active: layout.tabs.length, focused: channel };
}

/** Puts `channel` beside `target`, half and half, and focuses it. A target that is not there: a new tab. */
export function split(layout: Layout, target: number, channel: number, direction: 'row' | 'column'): Layout {
  const at = tabOf(layout, target);
  if (at === -1) return addTab(layout, channel);
  const put = (tree: Tree): Tree =>
    'channel' in tree
      ? tree.channel === target
        ? { direction, ratio: 0.5, first: tree, second: { channel } }
        : tree
      : { ...tree, first: put(tree.first), second: put(tree.second) };
  return {
    tabs: layout.tabs.map((tree, index) => (index === at ? put(tree) : tree)),
    active: at,
    focused: channel,
  };
}

/** Takes a terminal away; its neighbour takes the room, and the focus if it had it. */
export function remove(layout: Layout, channel: number): Layout {
  const at = tabOf(layout, channel);
  const tree = layout.tabs[at];
  if (tree === undefined) return layout;
  const rest = without(tree, channel);
  const tabs = layout.tabs.flatMap((tab, index) => (index === at ? (rest === null ? [] : [rest]) : [tab]));
  const active = Math.max(
    0,
    Math.min(rest === null && at < layout.active ? layout.active - 1 : layout.active, tabs.length - 1),
  );
  return settle({ tabs, active, focused: layout.focused === channel ? null : layout.focused });
}

/** Shows a tab and focuses its first terminal. */
export function activate(layout: Layout, index: number): Layout {
  return layout.tabs[index] === undefined ? layout : settle({ ...layout, active: index, focused: null });
}

/** Focuses a terminal, showing its tab. */
export function focus(layout: Layout, channel: number): Layout {
  const at = tabOf(layout, channel);
  return at === -1 ? layout : { ...layout, active: at, focused: channel };
}

/** Focuses the next (1) or previous (-1) terminal of the shown tab, around the end. */
export function cycle(layout: Layout, step: 1 | -1): Layout {
  const tree = layout.tabs[layout.active];
  if (tree === undefined) return layout;
  const channels = channelsOf(tree);
  const at = layout.focused === null ? 0 : channels.indexOf(layout.focused);
  return { ...layout, focused: channels[(at + step + channels.length) % channels.length] ?? null };
}

/** Moves the divider between the terminals `path` leads to: 0 first, 1 second at each split from the top. */
export function setRatio(layout: Layout, path: number[], ratio: number): Layout {
  const bounded = Math.min(1 - MIN_RATIO, Math.max(MIN_RATIO, ratio));
  const set = (tree: Tree, rest: number[]): Tree => {
    if ('channel' in tree) return tree;
    const [step, ...further] = rest;
    if (step === undefined) return { ...tree, ratio: bounded };
    return step === 0
      ? { ...tree, first: set(tree.first, further) }
      : { ...tree, second: set(tree.second, further) };
  };
  return {
    ...layout,
    tabs: layout.tabs.map((tree, index) => (index === layout.active ? set(tree, path) : tree)),
  };
}

/** The layout with exactly these terminals: others go, missing ones get tabs of their own. */
export function reconcile(layout: Layout, channels: number[]): Layout {
  const gone = layout.tabs.flatMap(channelsOf).filter((channel) => !channels.includes(channel));
  const kept = gone.reduce(remove, layout);
  const known = kept.tabs.flatMap(channelsOf);
  const added = channels.filter((channel) => !known.includes(channel));
  const tabs: Tree[] = [...kept.tabs, ...added.map((channel) => ({ channel }))];
  return settle({ ...kept, tabs });
}

/** Reads a stored layout; null when it is none. */
export function parseLayout(value: unknown): Layout | null {
  if (typeof value !== 'object' || value === null || !('tabs' in value) || !Array.isArray(value.tabs))
    return null;
  if (!value.tabs.every((tree) => isTree(tree, 0))) return null;
  const active = 'active' in value && typeof value.active === 'number' ? value.active : 0;
  const focused = 'focused' in value && typeof value.focused === 'number' ? value.focused : null;
  return settle({ tabs: value.tabs, active, focused });
}

const MAX_DEPTH = 16;

function isTree(value: unknown, depth: number): value is Tree {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return false;
  if ('channel' in value) return Number.isInteger(value.channel);
  if (!('direction' in value) || !('ratio' in value) || !('first' in value) || !('second' in value))
    return false;
  const { direction, ratio, first, second } = value;
  const known = (direction === 'row' || direction === 'column') && typeof ratio === 'number';
  return known && isTree(first, depth + 1) && isTree(second, depth + 1);
}

function tabOf(layout: Layout, channel: number): number {
  return layout.tabs.findIndex((tree) => channelsOf(tree).includes(channel));
}

function without(tree: Tree, channel: number): Tree | null {
  if ('channel' in tree) return tree.channel === channel ? null : tree;
  const first = without(tree.first, channel);
  const second = without(tree.second, channel);
  if (first === null) return second;
  return second === null ? first : { ...tree, first, second };
}

/** Makes `active` and `focused` name something that is there. */
function settle(layout: Layout): Layout {
  const active = layout.tabs[layout.active] === undefined ? 0 : layout.active;
  const shown = layout.tabs[active];
  const channels = shown === undefined ? [] : channelsOf(shown);
  const focused =
    layout.focused !== null && channels.includes(layout.focused) ? layout.focused : (channels[0] ?? null);
  return { ...layout, active, focused };
}
