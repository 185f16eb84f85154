import type { Stack } from '../test/support/stack.ts';
import { barePty } from './baselines/bare-pty.ts';
import { startWsPty } from './baselines/ws-pty.ts';
import { openFullPath } from './full-path.ts';
import type { Contestant } from './terminal.ts';

/** The three ways to a terminal that are compared, and their names for people. */
export const CONTESTANTS = { bare: 'bare PTY', ws: 'ws + PTY', full: 'full path' } as const;
export type ContestantKey = keyof typeof CONTESTANTS;
export const CONTESTANT_KEYS = ['bare', 'ws', 'full'] as const satisfies readonly ContestantKey[];

/** Runs `measure` with all of them ready; ends them afterwards. */
export async function withContestants<T>(
  stack: Stack,
  measure: (contestants: Record<ContestantKey, Contestant>) => Promise<T>,
): Promise<T> {
  const ws = await startWsPty();
  const full = await openFullPath(stack.url, stack.token);
  try {
    return await measure({ bare: barePty, ws, full });
  } finally {
    await full.close();
    await ws.close();
  }
}

/** One value for each contestant. */
export function forEachContestant<T>(value: (key: ContestantKey) => T): Record<ContestantKey, T> {
  return { bare: value('bare'), ws: value('ws'), full: value('full') };
}
