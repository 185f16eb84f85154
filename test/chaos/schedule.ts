import { Random } from './random.ts';

/**
 * What happens in a round, decided from the seed and the round's number alone: the same seed, the same schedule,
 * whatever the machine does with it.
 */

/** Every fault, with how often it comes (relative) and how many milliseconds it lasts, where it lasts. */
export const FAULTS = {
  'client-drop': { weight: 6, lasts: null },
  'client-reload': { weight: 6, lasts: null },
  'client-kill': { weight: 4, lasts: null },
  'client-stop': { weight: 3, lasts: [100, 1_500] },
  'net-cut': { weight: 8, lasts: null },
  'net-reset': { weight: 5, lasts: null },
  'net-stall': { weight: 6, lasts: [100, 2_000] },
  'net-half-open': { weight: 0.6, lasts: null },
  'data-cut': { weight: 7, lasts: null },
  'data-reset': { weight: 4, lasts: null },
  'data-stall': { weight: 5, lasts: [100, 2_000] },
  'data-half-open': { weight: 0.3, lasts: null },
  'control-cut': { weight: 4, lasts: null },
  'control-half-open': { weight: 0.3, lasts: null },
  'actor-evict': { weight: 7, lasts: null },
  'actor-abort': { weight: 7, lasts: null },
  'workerd-kill': { weight: 2.5, lasts: null },
  'workerd-stop': { weight: 2, lasts: [100, 2_000] },
  'edge-kill': { weight: 1, lasts: null },
  'host-kill': { weight: 3, lasts: null },
  'host-stop': { weight: 3, lasts: [100, 2_000] },
  'host-replace': { weight: 1.5, lasts: [300, 2_500] },
  'executor-stop': { weight: 3, lasts: [100, 1_500] },
  'executor-kill': { weight: 0.6, lasts: null },
  'clock-jump': { weight: 2, lasts: null },
} as const satisfies Record<string, { weight: number; lasts: readonly [number, number] | null }>;
export type FaultKind = keyof typeof FAULTS;

/** One fault: when in the round, on whom (a share of those there are), for how long. */
export interface PlannedFault {
  kind: FaultKind;
  atMs: number;
  /** In [0, 1): which of the possible victims. */
  whom: number;
  /** In [0, 1): where in a frame, how far a clock, whatever the kind needs. */
  how: number;
  lastsMs: number;
}

/** Something typed or printed. */
export interface PlannedBytes {
  atMs: number;
  bytes: number;
}

/** A client's window gets another size. */
export interface PlannedResize {
  atMs: number;
  /** Number of the typist whose window it is. */
  typist: number;
  cols: number;
  rows: number;
  /** It asks that the terminal follow it, without typing. */
  take: boolean;
}

/** What one terminal goes through in a round. */
export interface PlannedTerminal {
  typing: PlannedBytes[][];
  printing: PlannedBytes[];
  resizes: PlannedResize[];
  /** It ends in this round, after its last byte, and another is opened in its place. */
  ends: boolean;
}

export interface RoundPlan {
  faults: PlannedFault[];
  terminals: PlannedTerminal[];
  /** So long the watcher takes for each piece of output. */
  watcherDelayMs: number;
}

/** Shapes of a round's world. */
export interface World {
  terminals: number;
  typists: number;
  /** Faults to choose from. */
  kinds: readonly FaultKind[];
}

const ROUND_MS = 500;
/** Beyond any window and, twice over, beyond the replay ring. */
const FLOOD_BYTES: [number, number] = [1_500_000, 6_000_000];
const PASTE_BYTES: [number, number] = [20_000, 400_000];

/** The plan of one round. */
export function planRound(seed: number, round: number, world: World): RoundPlan {
  const random = new Random(seed, 'round', round);
  const faults = planFaults(random, world.kinds);
  const has = (...kinds: FaultKind[]): boolean => faults.some(({ kind }) => kinds.includes(kind));
  const limits = { ends: !has('executor-kill', 'client-kill'), pastes: !has('client-kill', 'client-reload') };
  const terminals = Array.from({ length: world.terminals }, (_unused, index) =>
    planTerminal(new Random(seed, 'terminal', round, index), world.typists, limits),
  );
  return { faults, terminals, watcherDelayMs: random.chance(0.15) ? random.int(5, 60) : 0 };
}

function planFaults(random: Random, kinds: readonly FaultKind[]): PlannedFault[] {
  const choices = kinds.map((kind) => ({ kind, ...FAULTS[kind] }));
  if (choices.length === 0) return [];
  // Mostly one; now and then several on each other's heels.
  const count = random.weighted([
    { weight: 6, count: 1 },
    { weight: 3, count: 2 },
    { weight: 1.5, count: 3 },
    { weight: 0.5, count: 5 },
  ]).count;
  const faults = Array.from({ length: count }, (): PlannedFault => {
    const { kind, lasts } = random.weighted(choices);
    return {
      ...{ kind, atMs: random.int(0, ROUND_MS), whom: random.next(), how: random.next() },
      lastsMs: lasts === null ? 0 : random.int(lasts[0], lasts[1]),
    };
  });
  // One of a kind that takes long to notice, and one crash of a client, are enough for a round.
  const once = new Set<FaultKind>();
  return faults
    .filter(({ kind }) => {
      if (!ONCE.has(kind)) return true;
      const first = !once.has(kind);
      once.add(kind);
      return first;
    })
    .sort((a, b) => a.atMs - b.atMs);
}

const ONCE: ReadonlySet<FaultKind> = new Set<FaultKind>([
  ...(['client-kill', 'executor-kill', 'host-replace', 'workerd-kill', 'edge-kill'] as const),
  ...(['net-half-open', 'data-half-open', 'control-half-open', 'clock-jump'] as const),
]);

/** `pastes`: a client that goes without a goodbye keeps little, so nobody pastes in such a round. */
function planTerminal(
  random: Random,
  typists: number,
  limits: { ends: boolean; pastes: boolean },
): PlannedTerminal {
  const typing = Array.from({ length: typists }, () => planTyping(random, limits.pastes));
  const printing = planPrinting(random);
  const resizes = planResizes(random, typists);
  return { typing, printing, resizes, ends: limits.ends && random.chance(0.06) };
}

/** In one round of four; now and then as a window is dragged. */
function planResizes(random: Random, typists: number): PlannedResize[] {
  if (!random.chance(0.25)) return [];
  const count = random.chance(0.2) ? random.int(5, 20) : random.int(1, 3);
  const resizes = Array.from({ length: count }, () => ({
    ...{ atMs: random.int(0, ROUND_MS), typist: random.int(0, typists - 1) },
    ...{ cols: random.int(20, 150), rows: random.int(5, 60), take: random.chance(0.3) },
  }));
  return resizes.sort((a, b) => a.atMs - b.atMs);
}

function planTyping(random: Random, pastes: boolean): PlannedBytes[] {
  if (random.chance(0.15)) return [];
  const keys = Array.from({ length: random.int(1, 30) }, () => ({
    atMs: random.int(0, ROUND_MS),
    bytes: random.chance(0.8) ? random.int(1, 4) : random.int(5, pastes ? 300 : 60),
  }));
  if (pastes && random.chance(0.05))
    keys.push({ atMs: random.int(0, ROUND_MS), bytes: random.int(...PASTE_BYTES) });
  return keys.sort((a, b) => a.atMs - b.atMs);
}

function planPrinting(random: Random): PlannedBytes[] {
  if (random.chance(0.2)) return [];
  const pieces = Array.from({ length: random.int(1, 12) }, () => ({
    atMs: random.int(0, ROUND_MS),
    bytes: random.chance(0.7) ? random.int(1, 200) : random.int(200, 60_000),
  }));
  if (random.chance(0.08)) pieces.push({ atMs: random.int(0, ROUND_MS), bytes: random.int(...FLOOD_BYTES) });
  return pieces.sort((a, b) => a.atMs - b.atMs);
}
