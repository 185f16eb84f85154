import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { SandboxSpec } from '../../protocol/messages/host.ts';
import type { Sandbox } from './driver.ts';

const COMMAND_TIMEOUT_MS = 20_000;
const WAIT_TIMEOUT_MS = 20_000;

/** What a session asks for; its id is the letter 22 times. */
export function spec(letter: string, limits: object = {}): SandboxSpec {
  return SandboxSpec.parse({ sessionId: letter.repeat(22), userId: 'u1', workspaceId: 'w1', limits });
}

/** Runs a shell command inside; resolves with exit code and everything it printed. */
export function inside(sandbox: Sandbox, script: string): Promise<{ code: number; output: string }> {
  const plan = sandbox.plan(['/bin/bash', '-c', `exec 2>&1; ${script}`]);
  return new Promise((resolve) => {
    execFile(
      plan.file,
      plan.args,
      { env: plan.env, timeout: COMMAND_TIMEOUT_MS },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), output: stdout + stderr });
      },
    );
  });
}

/** Waits until something is so. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  for (const deadlineMs = Date.now() + WAIT_TIMEOUT_MS; !condition(); await delay(10)) {
    if (Date.now() > deadlineMs) throw new Error(`Waited too long for ${what}.`);
  }
}

/** Files of a directory that loop devices have open. */
export function loopFilesOf(folder: string): string[] {
  return readdirSync('/sys/block')
    .filter((name) => name.startsWith('loop'))
    .flatMap((name) => {
      try {
        return [readFileSync(`/sys/block/${name}/loop/backing_file`, 'utf8').trim()];
      } catch {
        return [];
      }
    })
    .filter((file) => file.startsWith(folder));
}
