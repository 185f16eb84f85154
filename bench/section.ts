import type { Stack } from '../test/support/stack.ts';

/** How much to measure. */
export interface Plan {
  /** Fewer samples, for a first look. */
  quick: boolean;
}

/** One aim and whether this run met it. */
export interface Aim {
  aim: string;
  measured: string;
  met: boolean;
}

/** One thing that is measured, in a file of its own. `Data` is what `--json` prints: numbers with units in their names. */
export interface Section<Data> {
  /** What `--only` calls it. */
  name: string;
  /** Measures on the running stack. Leaves nothing behind; throws when a measurement makes no sense. */
  measure(stack: Stack, plan: Plan): Promise<Data>;
  /** The data as lines of text for people; the first is a heading. */
  render(data: Data): string[];
  /** What the data should be, and whether it is. */
  aims(data: Data): Aim[];
}

/** What one section found. */
export interface Finding {
  data: unknown;
  lines: string[];
  aims: Aim[];
}

/** A section whose data only itself knows, so that different ones fit in one list. */
export interface AnySection {
  name: string;
  run(stack: Stack, plan: Plan): Promise<Finding>;
}

/** Makes a section ready for the list in `main.ts`. */
export function section<Data>(it: Section<Data>): AnySection {
  return {
    name: it.name,
    async run(stack, plan) {
      const data = await it.measure(stack, plan);
      return { data, lines: it.render(data), aims: it.aims(data) };
    },
  };
}
