import { expect } from 'vitest';
import { until, within } from './deadline.ts';
import { LocalPty } from './local-pty.ts';
import type { PtyClient } from './pty-client.ts';

const SETTLE_TIMEOUT_MS = 10_000;
const COLS = 80;
const ROWS = 24;

/** One thing a person does, and what they wait for before the next. */
export interface Step {
  /** Typed, if any. */
  keys?: string;
  /** New columns and rows, if any. */
  resize?: [cols: number, rows: number];
  /** What the screen shows then. */
  until?: string | RegExp | ((text: string) => boolean);
  /** The program ends with this code. */
  exit?: number;
}

/**
 * Runs a program in a sandbox through the whole path and on a local PTY, takes both through the same steps, and
 * expects the same screen, cursor and modes after each.
 */
export async function sameAsLocal(
  viewer: PtyClient,
  command: string[],
  steps: readonly Step[],
): Promise<void> {
  const remote = await viewer.open({ command, cols: COLS, rows: ROWS });
  const local = new LocalPty(command, { cols: COLS, rows: ROWS });
  const look = (side: typeof remote | LocalPty): unknown => ({
    lines: side.screen.lines(),
    ...side.screen.state(),
  });
  try {
    for (const [index, step] of steps.entries()) {
      for (const side of [remote, local]) {
        if (step.resize !== undefined) side.resize(...step.resize);
        if (step.keys !== undefined) side.type(step.keys);
      }
      const { until: wanted, exit } = step;
      if (wanted !== undefined) {
        await Promise.all([local.screen.waitFor(wanted), remote.screen.waitFor(wanted)]);
      }
      if (exit !== undefined) {
        const code = await within(local.exited, SETTLE_TIMEOUT_MS, 'the local program to end');
        expect(code, `local exit code, step ${index}`).toBe(exit);
        expect(await remote.exit(), `step ${index}`).toMatchObject({ exitCode: exit, reason: 'exited' });
      }
      // A program may draw in several writes: what counts is where both come to rest.
      await until(
        () => JSON.stringify(look(remote)) === JSON.stringify(look(local)),
        SETTLE_TIMEOUT_MS,
        'the same screen',
      ).catch(() => expect(look(remote), `through the edge and locally, step ${index}`).toEqual(look(local)));
    }
  } finally {
    await local.close();
    remote.close();
  }
}
