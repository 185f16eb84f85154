import { heading, row } from '../table.ts';
import type { Floor } from './floor.ts';
import type { ProcessFacts } from './process-facts.ts';
import type { ScaleResult } from './run.ts';

const FLOOR_MAX_RATIO = 1.3;
const ECHO_MAX_MS = 50;
/** How soon so many, or fewer, have to be back. */
const RECOVERY = { sessions: 5_000, maxS: 30 } as const;

/** How many sessions a run had, and whether all aims were met. */
export interface Verdict {
  sessions: number;
  quietToFloor: number;
  met: boolean;
}

export function verdictOn(result: ScaleResult, floor: Floor): Verdict {
  const quietToFloor = result.quiet.memoryKib / floor.asleep.memoryKib;
  const met =
    quietToFloor <= FLOOR_MAX_RATIO &&
    result.echoMs.p99 < ECHO_MAX_MS &&
    (result.sessions > RECOVERY.sessions || result.recoveredS < RECOVERY.maxS) &&
    result.lostBytes + result.wrongBytes + result.screens === 0;
  return { sessions: result.sessions, quietToFloor, met };
}

/** What the empty actors cost, under the heading of all that follow. */
export function floorLines(floor: Floor): string[] {
  return [
    heading('Each adds to workerd', 'descriptors', 'KiB (PSS)', 'x floor'),
    factsLine('empty actor, awake', floor.awake, floor),
    factsLine('empty actor, asleep', floor.asleep, floor),
  ];
}

/** What one run showed. */
export function resultLines(result: ScaleResult, floor: Floor): string[] {
  const { sessions, connected, quiet, echoMs, firstKeyMs } = result;
  const bad = `${result.lostBytes + result.wrongBytes + result.screens}`;
  return [
    '',
    `${sessions} sessions`,
    factsLine('connected', connected, floor),
    factsLine('quiet', quiet, floor),
    heading('  A key, ms', 'p50', 'p99', 'max'),
    row(`${result.activeSessions} in use`, 1, echoMs.p50, echoMs.p99, echoMs.max),
    row('after a rest', 1, firstKeyMs.p50, firstKeyMs.p99, firstKeyMs.max),
    heading('  All', 'connect/s', 'half back, s', 'all back, s', 'lost bytes'),
    row('', 1, result.connectPerS, result.recoveredHalfS, result.recoveredS, bad),
    `  ${verdictOn(result, floor).met ? 'met    ' : 'NOT MET'}  quiet within ${FLOOR_MAX_RATIO}x of the floor, p99 under ${ECHO_MAX_MS} ms, ${RECOVERY.sessions} back within ${RECOVERY.maxS} s, nothing lost`,
  ];
}

function factsLine(name: string, { descriptors, memoryKib }: ProcessFacts, floor: Floor): string {
  return row(name, 1, descriptors, memoryKib, memoryKib / floor.asleep.memoryKib);
}
