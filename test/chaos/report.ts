import type { Wrong } from './arena-terminal.ts';
import type { ChaosOptions } from './run.ts';
import type { Tally } from './tally.ts';

/** Outcome of a run: for a person, for a program, and whether all was well. */
export interface ChaosResult {
  ok: boolean;
  text: string;
  summary: Record<string, unknown>;
}

/** Says how a run went; of one that failed, how to play it again and where its logs are. */
export function report(run: {
  ok: boolean;
  wrong: Wrong[];
  round: number;
  options: ChaosOptions;
  tally: Tally;
  durationMs: number;
  logs: string[] | null;
}): ChaosResult {
  const { ok, wrong, round, options, tally, logs } = run;
  const count = (fault: Wrong['fault']): number => wrong.filter((each) => each.fault === fault).length;
  const counts = {
    ...{ lost: count('lost'), duplicated: count('duplicated'), reordered: count('reordered') },
    ...{ wrongScreens: count('screen'), brokenPromises: count('promise') },
  };
  const faults = Object.fromEntries([...tally.faults].sort(([a], [b]) => a.localeCompare(b)));
  const total = [...tally.faults.values()].reduce((sum, times) => sum + times, 0);
  const { rounds, inputBytes, outputBytes, connections, terminalsEnded, terminalsLost, screens, resizes } =
    tally;
  const seconds = Math.round(run.durationMs / 1000);
  const replay = `npm run chaos -- --seed ${options.seed} --rounds ${round + 1}`;
  const summary = {
    ...{ ok, seed: options.seed, rounds, faults: total, ...counts, inputBytes, outputBytes, connections },
    ...{ terminalsEnded, terminalsLost, resizes, screens, perFault: faults, seconds },
    ...(ok ? {} : { wrong, replay, logs }),
  };
  const lines = [
    `rounds=${rounds} faults=${total} lost=${counts.lost} duplicated=${counts.duplicated} reordered=${counts.reordered} wrong-screens=${counts.wrongScreens} broken-promises=${counts.brokenPromises}`,
    `bytes checked: ${inputBytes} typed, ${outputBytes} printed (all viewers); ${connections} connections; ${terminalsEnded} terminals ended, ${terminalsLost} lost with their executor, as told`,
    `screens: ${screens.asked} asked for, ${screens.afterLag} after falling behind; ${screens.compared} compared with what was foretold`,
    `resizes: ${resizes}; ${screens.atRest} times what all clients show compared with the server's screen and size`,
    `per fault: ${Object.entries(faults)
      .map(([kind, times]) => `${kind}=${times}`)
      .join(' ')}`,
    `seed=${options.seed}, ${seconds} s`,
    ...wrong.map(
      ({ terminal, direction, fault, detail }) => `WRONG ${direction} ${terminal}: ${fault}: ${detail}`,
    ),
    ...(ok
      ? []
      : [
          `again: ${replay}`,
          `only this round: ${replay.replace(/--rounds.*/, '')}--first ${round} --rounds 1`,
        ]),
    ...(logs === null ? [] : [`logs: ${logs.join(' ')}`]),
  ];
  return { ok, text: lines.join('\n'), summary };
}
