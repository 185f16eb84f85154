import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { runChaos } from './run.ts';
import { FAULTS, type FaultKind } from './schedule.ts';

const HELP = `npm run chaos -- [options]

  --rounds N     rounds to play (200)
  --seed S       decides the whole schedule (random)
  --first N      begin with round N of the schedule (0)
  --faults A,B   only these: ${Object.keys(FAULTS).join(', ')}
  --json         one JSON line at the end
  --log FILE     every fault and round, as it happens

Ctrl-C ends the run after the present round and reports.`;

const Options = z.object({
  rounds: z.coerce.number().int().min(1).default(200),
  seed: z.coerce.number().int().min(0).max(0xffff_ffff).optional(),
  first: z.coerce.number().int().min(0).default(0),
  faults: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(Object.keys(FAULTS) as [FaultKind, ...FaultKind[]])))
    .optional(),
  json: z.boolean().default(false),
  log: z.string().optional(),
  help: z.boolean().default(false),
});

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    options: { rounds: text, seed: text, first: text, faults: text, json: flag, log: text, help: flag },
  });
  const parsed = Options.safeParse(values);
  if (!parsed.success || parsed.data.help) {
    say(parsed.success ? HELP : `${z.prettifyError(parsed.error)}\n\n${HELP}`);
    process.exitCode = parsed.success ? 0 : 2;
    return;
  }
  const { log, json, faults, ...rest } = parsed.data;
  const options = { ...rest, seed: rest.seed ?? crypto.getRandomValues(new Uint32Array(1))[0] ?? 0 };
  if (!json) say(`seed=${options.seed}`);
  let enough = false;
  process.once('SIGINT', () => {
    enough = true;
    if (!json) say('stopping after this round');
  });
  const result = await runChaos({
    ...options,
    faults: faults ?? null,
    enough: () => enough,
    log: (line) => {
      if (log !== undefined) appendFileSync(log, `${new Date().toISOString()} ${line}\n`);
    },
    progress: (line) => {
      if (!json) say(line);
    },
  });
  say(json ? JSON.stringify(result.summary) : result.text);
  process.exitCode = result.ok ? 0 : 1;
}

await main();
