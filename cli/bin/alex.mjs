#!/usr/bin/env node
// Starts the CLI, which is TypeScript run as it is. A Node that cannot strip types hands over to the one pinned in
// node_modules, so that `alex` works whatever `node` a person has.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(realpathSync(fileURLToPath(import.meta.url)));
const main = join(here, '..', 'main.ts');

if (process.features.typescript) {
  await import(main);
} else {
  const node = join(here, '..', '..', 'node_modules', '.bin', 'node');
  if (!existsSync(node)) {
    process.stderr.write(
      `alex: needs Node 24, this is ${process.version}. Run "npm install" in ${join(here, '..', '..')}.\n`,
    );
    process.exit(1);
  }
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // The child has the terminal's signals already (same process group); this process only waits for it.
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGHUP']) process.on(signal, () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', (error) => {
    process.stderr.write(`alex: cannot run ${node}: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const name of ['SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGTERM']) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}
