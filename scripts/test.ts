import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { testsLine, totals } from './test-totals.ts';

/**
 * `npm test`: types, lint, format, build, then every vitest project. Each step runs even if an earlier one failed, so
 * that one run shows everything. Ends with the line `Tests: N passed, N failed, N skipped`.
 */
const ROOT = join(import.meta.dirname, '..');
const BIN = join(ROOT, 'node_modules/.bin');
const REPORTS = join(ROOT, 'dist/test-reports');
const PROJECTS = ['unit', 'workers', 'sandbox', 'e2e'];
/** Longest one step may take before it counts as failed. */
const STEP_TIMEOUT_MS = 15 * 60_000;

const Report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int().default(0),
  success: z.boolean(),
});

/** Runs one command; true when it went well. `together`: its output is shown when it has ended, in one piece. */
async function step(name: string, command: string, args: string[], together = false): Promise<boolean> {
  const startedAtMs = Date.now();
  if (!together) console.log(`\n── ${name}`);
  const child = spawn(command, args, {
    cwd: ROOT,
    stdio: together ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    timeout: STEP_TIMEOUT_MS,
    env: { ...process.env, PATH: `${BIN}:${process.env['PATH'] ?? ''}`, WRANGLER_SEND_METRICS: 'false' },
  });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => output.push(chunk));
  const [status] = await once(child, 'close');
  if (together) process.stdout.write(`\n── ${name}\n${Buffer.concat(output).toString()}`);
  const ok = status === 0;
  console.log(`── ${name}: ${ok ? 'ok' : 'FAILED'} (${((Date.now() - startedAtMs) / 1000).toFixed(1)} s)`);
  return ok;
}

async function runProject(
  project: string,
): Promise<{ passed: number; failed: number; skipped: number; ok: boolean }> {
  const file = join(REPORTS, `${project}.json`);
  const ok = await step(`tests: ${project}`, 'vitest', [
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]);
  try {
    const report = Report.parse(JSON.parse(readFileSync(file, 'utf8')));
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      skipped: report.numPendingTests + report.numTodoTests,
      ok: ok && report.success,
    };
  } catch {
    return { passed: 0, failed: 0, skipped: 0, ok: false };
  }
}

rmSync(REPORTS, { recursive: true, force: true });
mkdirSync(REPORTS, { recursive: true });
// These three keep one core each.
const checks = await Promise.all([
  step('types', 'npm', ['run', '--silent', 'typecheck'], true),
  step('lint and format', 'npm', ['run', '--silent', 'lint'], true),
  step('build', 'node', ['scripts/build.ts'], true),
]);
const chosen = process.argv.slice(2);
const projects = [];
for (const project of chosen.length > 0 ? chosen : PROJECTS) projects.push(await runProject(project));
const sum = totals(projects, checks);
console.log(`\n${testsLine(sum)}`);
process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;
