import { availableParallelism, cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { Stack } from '../test/support/stack.ts';
import { bulk } from './bulk.ts';
import { ctrlC } from './ctrl-c.ts';
import { echo } from './echo.ts';
import { encryption } from './encryption.ts';
import { fairness } from './fairness.ts';
import { firstPrompt } from './first-prompt.ts';
import { multiViewer } from './multi-viewer.ts';
import { prediction } from './prediction.ts';
import type { Aim, AnySection } from './section.ts';

/**
 * `npm run bench`: the full path (client, workerd, host, executor, sandboxed PTY), where it can against baselines that
 * take turns with it in one run, so that ratios mean something on a busy machine.
 */
const SECTIONS: readonly AnySection[] = [
  echo,
  bulk,
  ctrlC,
  fairness,
  multiViewer,
  firstPrompt,
  prediction,
  encryption,
];

const HELP = `npm run bench -- [--only NAME[,NAME]] [--quick] [--json]
  --only   only these sections: ${SECTIONS.map(({ name }) => name).join(', ')}
  --quick  fewer samples
  --json   one JSON object instead of tables
`;
/** The default quota of a sandbox (half a core) would measure the quota; the path is what is measured here. */
const SANDBOX_CPUS = String(availableParallelism());

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const chosen = choose(values.only?.split(','));
if (values.help || chosen === null) {
  (values.help ? process.stdout : process.stderr).write(HELP);
  process.exit(values.help ? 0 : 2);
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const print = (text: string): void => void process.stdout.write(`${text}\n`);
const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  kernel: release(),
  node: process.version,
  at: new Date().toISOString(),
};

say('Starting the stack …');
const stack = await Stack.start({ ALEX_SANDBOX_CPUS: SANDBOX_CPUS, ALEX_LOG: 'error' });
try {
  if (!values.json) {
    print(`${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, Node ${machine.node}`);
    print(`Sandboxes may use ${SANDBOX_CPUS} CPUs in this run.\n`);
  }
  const data: Record<string, unknown> = {};
  const aims: Aim[] = [];
  for (const each of chosen) {
    say(`${each.name} …`);
    const finding = await each.run(stack, { quick: values.quick });
    data[each.name] = finding.data;
    aims.push(...finding.aims);
    if (!values.json) print(`${finding.lines.join('\n')}\n`);
  }
  if (values.json) print(JSON.stringify({ machine, sections: data, aims }));
  else print(['Aims', ...aims.map(renderAim)].join('\n'));
} finally {
  await stack.stop();
}

/** The sections of these names, in the order of the list; all without names, null when one does not exist. */
function choose(names: string[] | undefined): readonly AnySection[] | null {
  if (names === undefined) return SECTIONS;
  const known = names.every((name) => SECTIONS.some((each) => each.name === name));
  return known ? SECTIONS.filter(({ name }) => names.includes(name)) : null;
}

function renderAim({ aim, measured, met }: Aim): string {
  return `  ${met ? 'met    ' : 'NOT MET'}  ${aim}: ${measured}`;
}
