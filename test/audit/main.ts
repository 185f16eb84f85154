import { parseArgs } from 'node:util';
import { z } from 'zod';
import { AuditWorld } from './world.ts';

const HELP = `npm run chaos:audit -- [options]

  --rounds N   rounds to play (100); in each something is killed while acts go on
  --every N    check the log after so many rounds (10)
  --seed S     decides faults and acts (random); not how they fall together
`;
const count = z.coerce.number().int().min(1);
const Options = z.object({
  rounds: count.default(100),
  every: count.default(10),
  seed: z.coerce.number().int().min(0).max(0xffff_ffff).optional(),
});

/** Plays rounds and says what came of them. Exit code 1 when the log was wrong, 2 for wrong usage. */
async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { rounds: text, every: text, seed: text, help: { type: 'boolean' } },
  });
  const parsed = Options.safeParse(values);
  if (values.help === true || !parsed.success) {
    process.stdout.write(parsed.success ? HELP : `${z.prettifyError(parsed.error)}\n\n${HELP}`);
    return parsed.success ? 0 : 2;
  }
  const { rounds, every, seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0 } = parsed.data;
  process.stdout.write(`seed=${seed}\n`);
  const world = await AuditWorld.start(seed);
  const faults = new Map<string, number>();
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const fault = await world.round();
      faults.set(fault, (faults.get(fault) ?? 0) + 1);
      if (round % every !== 0 && round !== rounds) continue;
      const { rows, acknowledged, unknown } = await world.check();
      const killed = [...faults].map(([name, times]) => `${name} ${times}`).join(', ');
      process.stdout.write(
        `round ${round}: ${acknowledged} acknowledged acts once each, ${unknown} without an answer at most once; ` +
          `${rows} rows verified, the same in Postgres; killed: ${killed}\n`,
      );
    }
    return 0;
  } catch (error) {
    process.stdout.write(`FAILED: ${String(error)}\n`);
    return 1;
  } finally {
    await world.stack.stop();
  }
}

process.exitCode = await main();
