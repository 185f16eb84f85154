import { availableParallelism, cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { Stack } from '../test/support/stack.ts';
import { barePty } from './baselines/bare-pty.ts';
import { startWsPty } from './baselines/ws-pty.ts';
import { measureBulk } from './bulk.ts';
import { measureEcho, openEcho } from './echo.ts';
import { measureFirstPrompts } from './first-prompt.ts';
import { openFullPath } from './full-path.ts';
import { type Measurements, render, summarize } from './report.ts';

/**
 * `npm run bench`: the full path (client, workerd, host, executor, sandboxed PTY) against a bare PTY and against `ws`
 * with a PTY in one Node process, all in one run and taking turns, so that ratios mean something on a busy machine.
 */
const HELP = `npm run bench -- [--quick] [--json]
  --quick  fewer samples: about 20 s instead of a minute or two
  --json   one JSON object instead of tables
`;
const FULL = { echoRounds: 20, echoKeys: 200, bulkRounds: 5, bulkBytes: 50_000_000, prompts: 40 };
const QUICK = { echoRounds: 5, echoKeys: 100, bulkRounds: 3, bulkBytes: 20_000_000, prompts: 20 };
/** The default quota of a sandbox (half a core) would measure the quota; the path is what is measured here. */
const SANDBOX_CPUS = String(availableParallelism());

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
});
if (values.help === true) {
  process.stdout.write(HELP);
  process.exit(0);
}
const plan = values.quick === true ? QUICK : FULL;
const say = (text: string): void => void process.stderr.write(`${text}\n`);

say('Starting the stack …');
const stack = await Stack.start({ ALEX_SANDBOX_CPUS: SANDBOX_CPUS, ALEX_LOG: 'error' });
try {
  const measured = await measure(stack);
  const report = summarize(measured);
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    kernel: release(),
    node: process.version,
    at: new Date().toISOString(),
  };
  if (values.json === true) process.stdout.write(`${JSON.stringify({ machine, ...report })}\n`);
  else {
    process.stdout.write(
      `${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, Node ${machine.node}\n`,
    );
    process.stdout.write(`Sandboxes may use ${SANDBOX_CPUS} CPUs in this run.\n\n${render(report)}`);
  }
} finally {
  await stack.stop();
}

async function measure(system: Stack): Promise<Measurements> {
  const ws = await startWsPty();
  const full = await openFullPath(system.url, system.token);
  const contestants = [
    ['bare', barePty],
    ['ws', ws],
    ['full', full],
  ] as const;
  const measured: Measurements = {
    echoMs: { bare: [], ws: [], full: [] },
    bulkMBps: { bare: [], ws: [], full: [] },
    firstPromptMs: { cold: [], warm: [] },
  };

  say('Echo …');
  const terminals = await Promise.all(
    contestants.map(async ([key, it]) => [key, await openEcho(it)] as const),
  );
  for (let round = 0; round < plan.echoRounds; round += 1) {
    for (const [key, terminal] of terminals) {
      measured.echoMs[key].push(...(await measureEcho(terminal, plan.echoKeys)));
    }
  }
  for (const [, terminal] of terminals) await terminal.close();

  say('Bulk …');
  for (let round = 0; round < plan.bulkRounds; round += 1) {
    for (const [key, it] of contestants) measured.bulkMBps[key].push(await measureBulk(it, plan.bulkBytes));
  }
  for (const [, it] of contestants) await it.close();

  say('First prompts …');
  measured.firstPromptMs = await measureFirstPrompts(system.url, system.token, plan.prompts);
  return measured;
}
