import { expect, test } from 'vitest';
import { FAULTS, type FaultKind, planRound } from './schedule.ts';

const KINDS = Object.keys(FAULTS) as FaultKind[];
const world = { terminals: 4, typists: 2, kinds: KINDS };

test('the same seed makes the same schedule, another makes another', () => {
  expect(planRound(1, 5, world)).toEqual(planRound(1, 5, world));
  expect(planRound(1, 5, world)).not.toEqual(planRound(1, 6, world));
  expect(planRound(1, 5, world)).not.toEqual(planRound(2, 5, world));
});

test('a schedule has every fault, several at once, floods beyond the ring, pastes, resizes, and quiet', () => {
  const plans = Array.from({ length: 1_000 }, (_unused, round) => planRound(1, round, world));
  const kinds = new Set(plans.flatMap(({ faults }) => faults.map(({ kind }) => kind)));
  expect([...kinds].sort()).toEqual([...KINDS].sort());
  expect(plans.some(({ faults }) => faults.length >= 4)).toBe(true);
  const terminals = plans.flatMap((plan) => plan.terminals);
  expect(terminals.some(({ printing }) => printing.some(({ bytes }) => bytes > 4_000_000))).toBe(true);
  expect(
    terminals.some(({ typing }) => typing.some((keys) => keys.some(({ bytes }) => bytes > 300_000))),
  ).toBe(true);
  expect(terminals.some(({ resizes }) => resizes.length >= 10)).toBe(true);
  expect(new Set(terminals.flatMap(({ resizes }) => resizes.map(({ typist }) => typist)))).toEqual(
    new Set([0, 1]),
  );
  expect(terminals.some(({ printing, typing }) => printing.length === 0 && typing.flat().length === 0)).toBe(
    true,
  );
});

test('only what is asked for happens', () => {
  const only = { ...world, kinds: ['net-cut'] as const };
  const faults = Array.from({ length: 50 }, (_unused, round) => planRound(1, round, only).faults).flat();
  expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(['net-cut']));
  expect(planRound(1, 0, { ...world, kinds: [] }).faults).toEqual([]);
});
