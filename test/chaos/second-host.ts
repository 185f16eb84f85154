import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/** Starts another process of the same host, with the environment of the one that runs: as a deployment does. */
export function startSecondHost(first: number, logFile: string): ChildProcess {
  const variables = readFileSync(`/proc/${first}/environ`, 'utf8').split('\0').filter(Boolean);
  const env = Object.fromEntries(
    variables.map((variable) => {
      const at = variable.indexOf('=');
      return [variable.slice(0, at), variable.slice(at + 1)];
    }),
  );
  const log = openSync(logFile, 'a');
  const host = spawn(join(ROOT, 'node_modules/.bin/node'), [join(ROOT, 'sandbox-host/host/main.ts')], {
    env,
    stdio: ['ignore', log, log],
    // A Ctrl-C at the terminal is for the run.
    detached: true,
  });
  closeSync(log);
  return host;
}
