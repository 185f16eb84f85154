import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Builds what the edge serves: the web client and the API browser's files into dist/web, the Worker as `wrangler
 * deploy` would bundle it into dist/worker. Nothing is done when nothing changed since the last build, unless asked
 * with `--force`. Exit code 1 when it does not build.
 */
const ROOT = join(import.meta.dirname, '..');
const STAMP = join(ROOT, 'dist/build.sha256');
/** Of what one tool prints. */
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
const BUILD_TIMEOUT_MS = 120_000;
/** Everything that can change the result. */
const INPUTS = [
  '{workers,web,client,protocol}/**/*',
  'scripts/{build,first-load}.ts',
  'wrangler.toml',
  'package-lock.json',
];
const DOCS_FILES = ['swagger-ui.css', 'swagger-ui-bundle.js'];

/** One digest over the names and contents of all inputs. */
function digest(): string {
  const hash = createHash('sha256');
  for (const entry of globSync(INPUTS, { cwd: ROOT, withFileTypes: true }).sort(byPath)) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    hash.update(`${path}\0`).update(readFileSync(path));
  }
  return hash.digest('hex');
}

function byPath(a: { parentPath: string; name: string }, b: { parentPath: string; name: string }): number {
  return join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1;
}

/** Runs a tool; what it prints is shown only when it fails, which ends the build. */
function run(command: string, args: string[]): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: ROOT,
    timeout: BUILD_TIMEOUT_MS,
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT_BYTES,
    env: {
      ...process.env,
      PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
      WRANGLER_SEND_METRICS: 'false',
      CI: '1',
    },
  });
  if (status === 0) return;
  // Nothing of either when it could not even be started.
  process.stderr.write([stdout, stderr].filter(Boolean).join(''));
  process.stderr.write(`Building failed: ${command} ended with ${error?.message ?? status}.\n`);
  process.exit(1);
}

/** The stamp of the last complete build, or an empty string. */
function built(): string {
  try {
    return readFileSync(STAMP, 'utf8');
  } catch {
    return '';
  }
}

const wanted = digest();
if (built() !== wanted || process.argv.includes('--force')) {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  writeFileSync(STAMP, '');
  process.stderr.write('Building the page and the Worker …\n');
  run('vite', ['build', '--config', 'web/vite.config.ts', '--logLevel', 'warn']);
  for (const file of DOCS_FILES) {
    cpSync(join(ROOT, 'node_modules/swagger-ui-dist', file), join(ROOT, 'dist/web/docs-assets', file));
  }
  run('wrangler', ['deploy', '--dry-run', '--outdir', 'dist/worker']);
  writeFileSync(STAMP, wanted);
}
