import { parseArgs } from 'node:util';
import { z } from 'zod';
import { Random } from '../chaos/random.ts';
import { Stack } from '../support/stack.ts';
import { DeletionWorld } from './world.ts';

const HELP = `npm run chaos:deletion -- [options]

  --rounds N    rounds to play (20); in each some accounts are deleted and workerd is killed meanwhile
  --accounts N  accounts deleted at once (3)
  --seed S      decides when (random); not how it falls together
`;
const Options = z.object({
  rounds: z.coerce.number().int().min(1).default(20),
  accounts: z.coerce.number().int().min(1).max(20).default(3),
  seed: z.coerce.number().int().min(0).max(0xffff_ffff).optional(),
});

/** Plays rounds and says what came of them. Exit code 1 when something was left, 2 for wrong usage. */
async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { rounds: text, accounts: text, seed: text, help: { type: 'boolean' } },
  });
  const parsed = Options.safeParse(values);
  if (values.help === true || !parsed.success) {
    process.stdout.write(parsed.success ? HELP : `${z.prettifyError(parsed.error)}\n\n${HELP}`);
    return parsed.success ? 0 : 2;
  }
  const { rounds, accounts, seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0 } = parsed.data;
  process.stdout.write(`seed=${seed}\n`);
  const stack = await Stack.start();
  try {
    const world = new DeletionWorld(stack, new Random(seed, 'deletions'));
    for (let round = 1; round <= rounds; round += 1) {
      const { kills, at } = await world.round(accounts);
      process.stdout.write(
        `round ${round}: nothing left; killed ${kills} times, while at ${at.join(', ')}\n`,
      );
    }
    return 0;
  } catch (error) {
    process.stdout.write(`FAILED: ${String(error)}\n`);
    return 1;
  } finally {
    await stack.stop();
  }
}

process.exitCode = await main();
