import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Stack } from '../../test/support/stack.ts';
import { within } from '../../test/support/deadline.ts';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;

/**
 * Viewers in a process of their own, as they are in life: what they do must not hold up the clock of what is measured.
 * Runs one of the programs in this folder; each prints one line when it is ready and ends with its standard input,
 * after a last line. Out: how to end it, with that line.
 */
export async function startChild(
  program: 'crowd' | 'flood',
  stack: Stack,
  args: readonly (string | number)[] = [],
): Promise<{ stop(): Promise<string> }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, `${program}.ts`), ...args.map(String)], {
    env: { ...process.env, ALEX_URL: stack.url, ALEX_TOKEN: stack.token },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  let last = '';
  lines.on('line', (line) => (last = line));
  const failed = once(child, 'exit').then(() => Promise.reject(new Error(`The ${program} ended by itself.`)));
  await within(Promise.race([once(lines, 'line'), failed]), START_TIMEOUT_MS, `${program} to be ready`);
  failed.catch(() => undefined);
  return {
    async stop() {
      const ended = once(child, 'exit');
      child.stdin.end();
      await within(ended, STOP_TIMEOUT_MS, `end of the ${program}`);
      return last;
    },
  };
}

/** What a child is told by {@link startChild}. */
export function childEnvironment(): { url: string; token: string; args: string[] } {
  const { ALEX_URL: url = '', ALEX_TOKEN: token = '' } = process.env;
  return { url, token, args: process.argv.slice(2) };
}

/** Settles when {@link startChild}'s `stop` is called. */
export async function untilStopped(): Promise<void> {
  process.stdin.resume();
  await once(process.stdin, 'end');
}
