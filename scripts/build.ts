import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Bundles the Worker as `wrangler deploy` would, into dist/worker. Exit code 1 when it does not build. */
const ROOT = join(import.meta.dirname, '..');
const BUILD_TIMEOUT_MS = 120_000;

// wrangler.toml names it as the place of static files, and it has to exist.
mkdirSync(join(ROOT, 'dist/web'), { recursive: true });
const result = spawnSync('wrangler', ['deploy', '--dry-run', '--outdir', 'dist/worker'], {
  cwd: ROOT,
  stdio: 'inherit',
  timeout: BUILD_TIMEOUT_MS,
  env: {
    ...process.env,
    PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
    WRANGLER_SEND_METRICS: 'false',
    CI: '1',
  },
});
process.exitCode = result.status === 0 ? 0 : 1;
