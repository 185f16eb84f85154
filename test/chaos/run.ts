import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Arena } from './arena.ts';
import type { Wrong } from './arena-terminal.ts';
import { possibleFaults } from './faults.ts';
import { type ChaosResult, report } from './report.ts';
import { playRound } from './round.ts';
import { type FaultKind, planRound } from './schedule.ts';

/** What a run is. */
export interface ChaosOptions {
  rounds: number;
  seed: number;
  first: number;
  /** Null: all that this machine can make happen. */
  faults: FaultKind[] | null;
  /** Asked after each round: true ends the run there. */
  enough?: () => boolean;
  /** Everything that happens. */
  log: (line: string) => void;
  /** What a person who waits wants to see. */
  progress: (line: string) => void;
}

const PROGRESS_EVERY = 25;

/** A round that could not be played to its end is a failed one. */
function broken(error: unknown): Wrong[] {
  const detail = error instanceof Error ? error.message : String(error);
  return [{ terminal: 'all', direction: 'output', fault: 'promise', detail }];
}

/** Plays the rounds of a seed on one running stack, until the first that goes wrong. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const startedAtMs = performance.now();
  let eventLog: string | null = null;
  const log = (line: string): void => {
    options.log(line);
    if (eventLog !== null) appendFileSync(eventLog, `${new Date().toISOString()} ${line}\n`);
  };
  const arena = await Arena.start(options.seed, log);
  mkdirSync(arena.directory, { recursive: true });
  eventLog = join(arena.directory, 'rounds.log');
  const world = {
    terminals: arena.terminals.length,
    typists: 2,
    kinds: possibleFaults(arena, options.faults),
  };
  const done = (ok: boolean, wrong: Parameters<typeof report>[0]['wrong'], round: number): ChaosResult =>
    report({
      ...{ ok, wrong, round, options, tally: arena.tally },
      durationMs: performance.now() - startedAtMs,
      logs: ok ? null : [arena.directory, arena.stack.dataDirectory],
    });
  let ok = false;
  try {
    for (let round = options.first; round < options.first + options.rounds; round++) {
      const roundAtMs = performance.now();
      const wrong = await playRound(arena, planRound(options.seed, round, world)).catch(broken);
      arena.tally.rounds += 1;
      log(`round ${round}: ${Math.round(performance.now() - roundAtMs)} ms, ${wrong.length} wrong`);
      if (wrong.length > 0) return done(false, wrong, round);
      if (options.enough?.() === true) break;
      if (arena.tally.rounds % PROGRESS_EVERY === 0) options.progress(`${arena.tally.rounds} rounds`);
    }
    ok = true;
    return done(true, [], options.first + arena.tally.rounds - 1);
  } finally {
    await arena.stop(!ok);
  }
}
